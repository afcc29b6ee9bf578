// snapshot, erase_user.
#include <array>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "c/call.hpp"
#include "c/replies.hpp"

namespace loopstate::c {
namespace {

Result<Reply> snapshot(OpenStore& open, Input& in) {
  const auto user = in.name<UserId>("user");
  auto options = in.read();
  TRY_OK(in.check());
  TRY(const auto found, open.store.snapshot(user, std::move(options)));
  json::Writer json;
  json.begin_object().key("user").string(user.text()).key("erased").boolean(found.erased);
  if (found.context) json.key("context").raw(to_json(*found.context));
  if (found.session) json.key("session").raw(to_json(*found.session));
  json.key("captures").raw(json::array(found.captures)).key("cards").raw(json::array(found.cards));
  if (found.location) json.key("location").raw(to_json(*found.location));
  json.key("collections");
  write_collections(json, found.collections);
  json.end_object();
  return Reply{std::move(json).take()};
}

Result<Reply> erase_user(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  EraseOptions options(in.write_call());
  options.scan(in.flag("scan")).resume(in.optional_text("resume"));
  options.request_timeout(in.timeout("request_timeout"));
  TRY_OK(in.check());
  TRY(const auto receipt, open.store.erase_user(std::move(user), std::move(options)));
  json::Writer json;
  json.begin_object().key("user").string(receipt.user.text()).key("version").number(receipt.version);
  json.key("erased_at").number(unix_seconds(receipt.erased_at));
  json.key("items_removed").number(std::uint64_t{receipt.items_removed});
  json.key("cards_removed").number(std::uint64_t{receipt.cards_removed});
  json.key("scanned").boolean(receipt.scan.has_value());
  if (receipt.scan) {
    json.key("transactions_removed").number(std::uint64_t{receipt.scan->transactions_removed});
    json.key("unreadable").number(std::uint64_t{receipt.scan->unreadable});
  }
  json.end_object();
  return Reply{std::move(json).take()};
}

}  // namespace

std::span<const Call> user_calls() {
  static constexpr std::array kCalls{Call{"snapshot", snapshot}, Call{"erase_user", erase_user}};
  return kCalls;
}

}  // namespace loopstate::c
