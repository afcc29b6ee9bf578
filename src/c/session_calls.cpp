// store_session, get_session, revoke_session, authorize; set_location, get_location, clear_location.
#include <fmt/format.h>

#include <array>

#include "base/try.hpp"
#include "c/call.hpp"
#include "c/replies.hpp"

namespace loopstate::c {
namespace {

Result<Reply> store_session(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto session = in.document<Session>("session", session_from_json);
  auto options = in.write_call();
  TRY_OK(in.check());
  TRY(const auto stored, open.store.store_session(std::move(user), std::move(session), std::move(options)));
  return Reply{to_json(stored)};
}

Result<Reply> get_session(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto options = in.read();
  TRY_OK(in.check());
  TRY(const auto session, open.store.get_session(std::move(user), std::move(options)));
  return Reply{to_json(session)};
}

Result<Reply> revoke_session(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto options = in.write_call();
  TRY_OK(in.check());
  TRY(const auto revoked, open.store.revoke_session(std::move(user), std::move(options)));
  return Reply{json_text(revoked)};
}

Result<Reply> authorize(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto scope = in.text("scope");
  auto options = in.write_call();
  TRY_OK(in.check());
  TRY(const auto allowed, open.store.authorize(std::move(user), std::move(scope), std::move(options)));
  return Reply{fmt::format(R"({{"actions_left":{}}})", allowed.actions_left)};
}

Result<Reply> set_location(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto merchant = in.name<MerchantId>("merchant");
  LocationOptions options(in.write_call());
  options.event_time(in.optional_time("event_time"));
  TRY_OK(in.check());
  TRY(const auto moved, open.store.set_location(std::move(user), std::move(merchant), std::move(options)));
  return Reply{json_text(moved)};
}

Result<Reply> get_location(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto options = in.read();
  TRY_OK(in.check());
  TRY(const auto location, open.store.get_location(std::move(user), std::move(options)));
  return Reply{to_json(location)};
}

Result<Reply> clear_location(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  ClearLocationOptions options(in.write_call());
  options.event_time(in.optional_time("event_time")).merchant(in.optional_name<MerchantId>("merchant"));
  TRY_OK(in.check());
  TRY(const auto cleared, open.store.clear_location(std::move(user), std::move(options)));
  return Reply{json_text(cleared)};
}

}  // namespace

std::span<const Call> session_calls() {
  static constexpr std::array kCalls{
      Call{"store_session", store_session},   Call{"get_session", get_session},
      Call{"revoke_session", revoke_session}, Call{"authorize", authorize},
      Call{"set_location", set_location},     Call{"get_location", get_location},
      Call{"clear_location", clear_location}};
  return kCalls;
}

}  // namespace loopstate::c
