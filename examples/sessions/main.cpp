// What an agent may do for a user: two actions within an hour, in one scope. Each is checked and spent in one
// write, so that agents working at once cannot do more, however many there are.
#include <iostream>
#include <loopstate/loopstate.hpp>

using namespace loopstate;

namespace {

void act(BlockingStore& store, const UserId& user, const std::string& scope) {
  const auto answer = store.authorize(user, scope);
  if (answer) {
    std::cout << scope << ": yes, " << answer->actions_left << " left\n";
  } else {
    std::cout << scope << ": no, " << to_string(answer.error().code) << '\n';
  }
}

}  // namespace

int main() try {
  BlockingStore store = or_throw(BlockingStore::open("embedded:./sessions.db"));
  const UserId user{"shopper-1"};
  or_throw(store.store_session(
      user, {.key_pubkey = "agent-key", .vault_pubkey = "vault", .scopes = {"capture"}, .max_actions = 2}));

  act(store, user, "capture");
  act(store, user, "withdraw");
  act(store, user, "capture");
  act(store, user, "capture");

  or_throw(store.revoke_session(user));
  act(store, user, "capture");
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
