// is_processed, mark_processed, claim, extend, complete, release.
#include <array>

#include "base/name_access.hpp"
#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "c/call.hpp"
#include "c/replies.hpp"

namespace loopstate::c {
namespace {

std::string claim_json(const Claim& claim) {
  json::Writer json;
  json.begin_object().key("transaction").string(claim.transaction().text());
  json.key("fence").number(claim.fence()).key("holder").string(claim.holder());
  json.key("payload_hash").string(claim.payload_hash());
  json.key("lease_until").number(unix_seconds(claim.lease_until())).end_object();
  return std::move(json).take();
}

/// As an earlier answer had it.
Claim read_claim(Input& in) {
  auto given = in.object("claim");
  auto transaction = given.name<TransactionId>("transaction");
  const auto fence = given.number("fence");
  auto holder = given.text("holder");
  auto hash = given.text("payload_hash");
  const auto until = given.time("lease_until");
  given.check_members();
  return Claim::from_parts(std::move(transaction), fence, std::move(holder), std::move(hash), until);
}

Result<Reply> is_processed(OpenStore& open, Input& in) {
  auto transaction = in.name<TransactionId>("transaction");
  auto options = in.read();
  TRY_OK(in.check());
  TRY(const auto record, open.store.is_processed(std::move(transaction), std::move(options)));
  return Reply{record ? record_json(*record) : "null"};
}

Result<Reply> mark_processed(OpenStore& open, Input& in) {
  auto transaction = in.name<TransactionId>("transaction");
  auto user = in.name<UserId>("user");
  const auto amount = in.number("cred_amount");
  auto options = in.write_call();
  TRY_OK(in.check());
  TRY(const auto marked,
      open.store.mark_processed(std::move(transaction), std::move(user), amount, std::move(options)));
  json::Writer json;
  json.begin_object().key("first").boolean(marked.first);
  json.key("record").raw(record_json(marked.record)).end_object();
  return Reply{std::move(json).take()};
}

struct ClaimAnswer {
  json::Writer& json;

  void operator()(const ClaimOutcome::OtherPayload& /*nothing*/) const {}
  void operator()(const ClaimOutcome::Fresh& fresh) const { json.key("claim").raw(claim_json(fresh.claim)); }
  void operator()(const ClaimOutcome::InProgress& other) const {
    json.key("until").number(unix_seconds(other.until));
  }
  void operator()(const ClaimOutcome::Done& done) const { json.key("record").raw(record_json(done.record)); }
  void operator()(const ClaimOutcome::Lapsed& lapsed) const {
    if (lapsed.claim) json.key("claim").raw(claim_json(*lapsed.claim));
  }
};

Result<Reply> claim(OpenStore& open, Input& in) {
  auto transaction = in.name<TransactionId>("transaction");
  auto payload = in.text("payload");
  const auto lease = in.span("lease");
  const auto policy = in.required_one_of<LapsedPolicy>("policy", {{"rerun", LapsedPolicy::Rerun},
                                                                  {"refuse", LapsedPolicy::Refuse},
                                                                  {"reconcile", LapsedPolicy::Reconcile}});
  ClaimOptions options(in.write_call());
  if (auto holder = in.optional_text("holder")) options.holder(*std::move(holder));
  TRY_OK(in.check());
  TRY(const auto outcome,
      open.store.claim(std::move(transaction), std::move(payload), lease, policy, std::move(options)));
  json::Writer json;
  json.begin_object().key("state").string(to_string(outcome.state())).key("fence").number(outcome.fence());
  outcome.visit(ClaimAnswer{json});
  json.end_object();
  return Reply{std::move(json).take()};
}

Result<Reply> extend(OpenStore& open, Input& in) {
  auto held = read_claim(in);
  const auto lease = in.span("lease");
  auto options = in.write_call();
  TRY_OK(in.check());
  TRY(const auto extended, open.store.extend(std::move(held), lease, std::move(options)));
  return Reply{claim_json(extended)};
}

Result<Reply> complete(OpenStore& open, Input& in) {
  auto held = read_claim(in);
  auto user = in.name<UserId>("user");
  const auto amount = in.number("cred_amount");
  auto result = in.text("result");
  auto options = in.write_call();
  TRY_OK(in.check());
  TRY(const auto record,
      open.store.complete(std::move(held), std::move(user), amount, std::move(result), std::move(options)));
  return Reply{record_json(record)};
}

Result<Reply> release(OpenStore& open, Input& in) {
  auto held = read_claim(in);
  auto options = in.write_call();
  TRY_OK(in.check());
  TRY_OK(open.store.release(std::move(held), std::move(options)));
  return Reply{};
}

}  // namespace

std::span<const Call> transaction_calls() {
  static constexpr std::array kCalls{Call{"is_processed", is_processed},
                                     Call{"mark_processed", mark_processed},
                                     Call{"claim", claim},
                                     Call{"extend", extend},
                                     Call{"complete", complete},
                                     Call{"release", release}};
  return kCalls;
}

}  // namespace loopstate::c
