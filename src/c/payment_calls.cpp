// add_capture, list_captures, settle_capture, record_capture, record_refund.
#include <array>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "c/call.hpp"
#include "c/given_json.hpp"
#include "c/replies.hpp"

namespace loopstate::c {
namespace {

struct AddedAnswer {
  json::Writer& json;

  void operator()(const AddedCapture::SeenBefore& seen) const {
    json.key("state").string("seen_before").key("capture_id").string(seen.capture_id);
    if (seen.version) json.key("version").number(*seen.version);
  }
  void operator()(const AddedCapture::Added& added) const {
    json.key("state").string("added").key("capture").raw(to_json(added.capture));
    json.key("dropped").raw(json::array(added.dropped)).key("version").number(added.version);
  }
};

Result<Reply> add_capture(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto capture = in.document<Capture>("capture", given_capture);
  AddCaptureOptions options(in.write_call());
  options.transaction(in.optional_name<TransactionId>("transaction"));
  TRY_OK(in.check());
  TRY(const auto outcome, open.store.add_capture(std::move(user), std::move(capture), std::move(options)));
  json::Writer json;
  json.begin_object();
  outcome.visit(AddedAnswer{json});
  json.end_object();
  return Reply{std::move(json).take()};
}

Result<Reply> list_captures(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto options = in.read();
  TRY_OK(in.check());
  TRY(const auto captures, open.store.list_captures(std::move(user), std::move(options)));
  return Reply{json::array(captures)};
}

Result<Reply> settle_capture(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto id = in.text("id");
  WriteOptions options(in.write_call());
  TRY_OK(in.check());
  TRY(const auto capture, open.store.settle_capture(std::move(user), std::move(id), std::move(options)));
  return Reply{to_json(capture)};
}

PurchaseRecord read_purchase(Input& in) {
  auto given = in.object("purchase");
  PurchaseRecord purchase;
  purchase.transaction = given.name<TransactionId>("transaction");
  purchase.fingerprint = given.name<Fingerprint>("fingerprint");
  purchase.capture = given.document<Capture>("capture", given_capture);
  purchase.event = given.document<ContextEvent>("event", given_event);
  purchase.transaction_lifetime = given.optional_span("transaction_lifetime");
  purchase.keep_unknown = given.optional_span("keep_unknown");
  given.check_members();
  return purchase;
}

struct RecordAnswer {
  json::Writer& json;

  void operator()(const RecordOutcome::UnknownCard& /*nothing*/) const {
    json.key("state").string("unknown_card");
  }
  void operator()(const RecordOutcome::Recorded& now) const {
    json.key("state").string("recorded").key("user").string(now.user.text());
    json.key("capture_id").string(now.capture_id).key("dropped").raw(json::array(now.dropped));
    json.key("version").number(now.version);
  }
  void operator()(const RecordOutcome::Duplicate& before) const {
    json.key("state").string("duplicate").key("seen").raw(record_json(before.seen));
  }
  void operator()(const RecordOutcome::Waiting& waiting) const {
    json.key("state").string("waiting").key("until").number(unix_seconds(waiting.until));
  }
};

Result<Reply> record_capture(OpenStore& open, Input& in) {
  auto purchase = read_purchase(in);
  RecordOptions options(in.write_call());
  TRY_OK(in.check());
  TRY(const auto outcome, open.store.record_capture(std::move(purchase), std::move(options)));
  json::Writer json;
  json.begin_object();
  outcome.visit(RecordAnswer{json});
  json.end_object();
  return Reply{std::move(json).take()};
}

RefundRecord read_refund(Input& in) {
  auto given = in.object("refund");
  RefundRecord refund;
  refund.refund = given.name<TransactionId>("refund");
  refund.payment = given.name<TransactionId>("payment");
  refund.amount = {given.number("amount_cents"), given.currency("currency")};
  refund.kind = given.one_of<RefundRecord::Kind>("kind", {{"refund", RefundRecord::Kind::Refund},
                                                          {"dispute", RefundRecord::Kind::Dispute},
                                                          {"total", RefundRecord::Kind::RunningTotal}});
  refund.state = given.one_of<RefundRecord::State>("state", {{"taken", RefundRecord::State::Taken},
                                                             {"lost", RefundRecord::State::Lost},
                                                             {"given_back", RefundRecord::State::GivenBack}});
  refund.begun_at = given.time("begun_at");
  refund.reported_at = given.time("reported_at");
  refund.transaction_lifetime = given.optional_span("transaction_lifetime");
  given.check_members();
  return refund;
}

constexpr std::array<std::string_view, 7> kRefundStates{
    "unknown_payment", "recorded", "undone", "duplicate", "noted", "exceeds_payment", "other_currency"};

void write_money(json::Writer& json, std::string_view member, const Money& money) {
  json.key(member).begin_object();
  write_amount(json, money);
  json.end_object();
}

Result<Reply> record_refund(OpenStore& open, Input& in) {
  auto refund = read_refund(in);
  RecordOptions options(in.write_call());
  TRY_OK(in.check());
  TRY(const auto outcome, open.store.record_refund(std::move(refund), std::move(options)));
  json::Writer json;
  json.begin_object().key("state").string(kRefundStates.at(static_cast<std::size_t>(outcome.state())));
  if (const auto* user = outcome.user()) json.key("user").string(user->text());
  if (const auto* change = outcome.change()) {
    json.key("change").begin_object().key("version").number(change->version);
    write_money(json, "changed", change->changed);
    if (change->refunded) write_money(json, "refunded", *change->refunded);
    json.end_object();
  }
  json.end_object();
  return Reply{std::move(json).take()};
}

}  // namespace

std::span<const Call> payment_calls() {
  static constexpr std::array kCalls{Call{"add_capture", add_capture}, Call{"list_captures", list_captures},
                                     Call{"settle_capture", settle_capture},
                                     Call{"record_capture", record_capture},
                                     Call{"record_refund", record_refund}};
  return kCalls;
}

}  // namespace loopstate::c
