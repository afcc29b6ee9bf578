// questions.users, pending, payments, ended, payment.
#include <fmt/format.h>

#include <array>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "c/call.hpp"
#include "c/question_json.hpp"

namespace loopstate::c {
namespace {

template <typename Options>
Options page_options(Input& in) {
  Options options(in.read_call());
  options.after(in.optional_text("after")).may_be_stale(in.flag("may_be_stale"));
  if (const auto limit = in.optional_number("limit")) options.limit(*limit);
  return options;
}

template <typename Entry>
Reply page_reply(const AnswerPage<Entry>& page) {
  json::Writer json;
  json.begin_object().key("entries").raw(
      json::array(page.entries, [](const Entry& entry) { return entry_json(entry); }));
  if (page.next) json.key("next").string(*page.next);
  json.key("unreadable").number(std::uint64_t{page.unreadable});
  json.key("cost").begin_object().key("requests").number(page.cost.requests);
  json.key("items").number(page.cost.items);
  json.key("read_units").raw(fmt::format("{}", page.cost.read_units)).end_object().end_object();
  return Reply{std::move(json).take()};
}

Result<Reply> users(OpenStore& open, Input& in) {
  auto options = page_options<PageOptions>(in);
  TRY_OK(in.check());
  TRY(const auto page, open.questions.users(std::move(options)));
  return page_reply(page);
}

Result<Reply> pending(OpenStore& open, Input& in) {
  auto options = page_options<PendingOptions>(in);
  options.merchant(in.optional_name<MerchantId>("merchant"));
  options.older_than(in.optional_span("older_than")).expires_within(in.optional_span("expires_within"));
  TRY_OK(in.check());
  TRY(const auto page, open.questions.pending(std::move(options)));
  return page_reply(page);
}

Result<Reply> payments(OpenStore& open, Input& in) {
  auto options = page_options<PaymentsOptions>(in);
  options.user(in.optional_name<UserId>("user"));
  TRY_OK(in.check());
  TRY(const auto page, open.questions.payments(std::move(options)));
  return page_reply(page);
}

Result<Reply> ended(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto options = page_options<PageOptions>(in);
  TRY_OK(in.check());
  TRY(const auto page, open.questions.ended(std::move(user), std::move(options)));
  return page_reply(page);
}

Result<Reply> payment(OpenStore& open, Input& in) {
  auto names = in.names_of<TransactionId>("names");
  auto options = in.read_call();
  TRY_OK(in.check());
  TRY(const auto stories, open.questions.payment(std::move(names), std::move(options)));
  return Reply{json::array(stories, [](const PaymentStory& story) { return entry_json(story); })};
}

}  // namespace

std::span<const Call> question_calls() {
  static constexpr std::array kCalls{Call{"questions.users", users}, Call{"questions.pending", pending},
                                     Call{"questions.payments", payments}, Call{"questions.ended", ended},
                                     Call{"questions.payment", payment}};
  return kCalls;
}

}  // namespace loopstate::c
