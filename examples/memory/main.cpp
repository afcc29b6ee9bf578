// What an agent remembers about a user: single keys, several changes in one write, and a change that two
// agents make at the same time.
#include <iostream>
#include <loopstate/loopstate.hpp>

using namespace loopstate;

namespace {

JsonText json(std::string_view text) {
  return or_throw(JsonText::parse(text));
}

void print_memory(const Context& context) {
  for (const auto& [key, value] : context.agent_memory)
    std::cout << "  " << key << ": " << value.text() << '\n';
}

}  // namespace

int main() try {
  BlockingStore store = or_throw(BlockingStore::open("embedded:./memory.db"));
  const UserId user{"shopper-1"};
  or_throw(store.get_or_init(user));

  // One key at a time.
  or_throw(store.remember(user, "drink", json("\"flat white\"")));
  std::cout << "drink: " << or_throw(store.recall(user, "drink")).text() << '\n';

  // Several changes, all or none of them. With the context that one call returned, the next need not read it.
  Context context = or_throw(store.fetch(user));
  context = or_throw(store.patch(user,
                                 {{"agent_memory.sugar", json("0")},
                                  {"agent_memory.seat", json(R"({"near": "window"})")},
                                  {"preferences.auto_stake", json("false")}},
                                 WriteOptions().held(context)));
  print_memory(context);

  // Another agent has written in the meantime. Changes that do not touch each other both stand; of two
  // changes to the same key, the later one is told so.
  or_throw(store.remember(user, "drink", json("\"espresso\"")));
  or_throw(store.remember(user, "visits", json("1"), WriteOptions().held(context)));
  auto refused = store.remember(user, "drink", json("\"tea\""), WriteOptions().held(context));
  if (refused) throw std::runtime_error("the other agent's drink was overwritten");
  std::cout << to_string(refused.error().code) << '\n';
  print_memory(refused.error().conflict->current);

  // A change that depends on the old value is made again on a conflict.
  context = or_throw(store.update(user, [](Context& read) -> Result<void> {
    auto& visits = read.agent_memory["visits"];
    visits = json(std::to_string(std::stoi(visits.text()) + 1));
    return {};
  }));
  or_throw(store.forget(user, "seat"));
  print_memory(or_throw(store.fetch(user)));
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
