// Sessions: few actions, replaced and revoked while others spend them.
#include <fmt/format.h>

#include "histories/calls.hpp"

namespace loopstate::histories {
namespace {

constexpr std::string_view kScope = "capture";

std::string session_text(const Session& session) {
  return fmt::format(R"({{"name":"{}","max":{},"used":{}}})", session.key_pubkey, session.max_actions,
                     session.actions_used);
}

class SessionCalls final : public Calls {
 public:
  explicit SessionCalls(const Scale& scale) : users_(scale.keys) {}

  Invocation next(Random& random, int /*client*/, std::uint64_t unique) override {
    const std::string user = fmt::format("user{}", pick(random, static_cast<std::uint64_t>(users_)));
    const std::uint64_t which = pick(random, 100);
    if (which < 18) return store(user, 1 + pick(random, 4), unique);
    if (which < 75) return authorize(user, which < 72 ? kScope : "other");
    if (which < 90) return get(user);
    return revoke(user);
  }

 private:
  static Invocation store(const std::string& user, std::uint64_t actions, std::uint64_t unique) {
    Session session;
    session.key_pubkey = fmt::format("s{}", unique);
    session.vault_pubkey = "vault";
    session.scopes = {std::string(kScope)};
    session.max_actions = static_cast<std::uint32_t>(actions);
    return {{"store_session", user, fmt::format(R"({{"name":"s{}","max":{}}})", unique, actions), "", {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<Session>(
                  store.store_session(name_of<UserId>(user), session, std::move(options)), session_text);
            }};
  }

  static Invocation authorize(const std::string& user, std::string_view scope) {
    return {
        {"authorize", user, fmt::format(R"({{"scope":"{}"}})", scope), "", {}},
        [=](BlockingStore& store, CallOptions options) {
          return answer_or_error<Authorization>(
              store.authorize(name_of<UserId>(user), std::string(scope), std::move(options)),
              [](const Authorization& given) { return fmt::format(R"({{"left":{}}})", given.actions_left); });
        }};
  }

  static Invocation get(const std::string& user) {
    return {{"get_session", user, "{}", "", {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<Session>(store.get_session(name_of<UserId>(user), std::move(options)),
                                              session_text);
            },
            true};
  }

  static Invocation revoke(const std::string& user) {
    return {{"revoke_session", user, "{}", "", {}}, [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<bool>(
                  store.revoke_session(name_of<UserId>(user), std::move(options)),
                  [](bool there) { return fmt::format(R"({{"revoked":{}}})", there); });
            }};
  }

  int users_;
};

}  // namespace

std::unique_ptr<Calls> make_session_calls(const Scale& scale) {
  return std::make_unique<SessionCalls>(scale);
}

}  // namespace loopstate::histories
