// The store in a program that has an event loop: many calls at once on one thread, each with a deadline.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <loopstate/loopstate.hpp>

using namespace loopstate;
using namespace std::chrono_literals;

namespace {

// Coroutines take their arguments by value: a call outlives the expression that starts it.
Task<void> pay(Store store, TransactionId payment, Fingerprint card) {
  // The loop may be busy with other things: a deadline bounds the whole call.
  const auto options = CallOptions().timeout(5s);
  // Braced values are given a name first (loopstate/by_name.hpp says why).
  const PurchaseRecord purchase{.transaction = payment,
                                .fingerprint = card,
                                .capture = {.merchant_id = "coffee-shop", .amount = {450, "EUR"}},
                                .event = {.event_type = "purchase", .summary = "a coffee"}};
  or_throw(co_await store.record_capture(purchase, options));
}

Task<void> shop(Store store) {
  or_throw(co_await store.link(Fingerprint{"card-1"}, UserId{"shopper-1"}, "4242"));
  or_throw(co_await store.link(Fingerprint{"card-2"}, UserId{"shopper-2"}, "1881"));
}

Task<void> report(Store store) {
  std::vector<UserId> users{UserId{"shopper-1"}, UserId{"shopper-2"}, UserId{"nobody"}};
  const auto contexts = co_await store.fetch_many(users);
  for (std::size_t i = 0; i < users.size(); ++i) {
    std::cout << users[i].text() << ": ";
    if (contexts[i]) {
      std::cout << contexts[i]->recent_events.size() << " purchases\n";
    } else {
      std::cout << to_string(contexts[i].error().code) << '\n';
    }
  }
}

/// Runs until everything that was spawned has ended; throws what one of them threw.
void run(boost::asio::io_context& loop, std::vector<Task<void>> tasks) {
  std::exception_ptr thrown;
  for (auto& task : tasks) {
    boost::asio::co_spawn(loop, std::move(task), [&thrown](std::exception_ptr failure) {
      if (failure) thrown = failure;
    });
  }
  loop.restart();
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

int main() try {
  boost::asio::io_context loop;
  const Store store = or_throw(Store::open("embedded:./coroutines.db"));
  std::vector<Task<void>> tasks;
  tasks.push_back(shop(store));
  run(loop, std::move(tasks));

  // Three purchases at once, one of which is reported twice.
  tasks.clear();
  tasks.push_back(pay(store, TransactionId{"shop:payment-1"}, Fingerprint{"card-1"}));
  tasks.push_back(pay(store, TransactionId{"shop:payment-2"}, Fingerprint{"card-1"}));
  tasks.push_back(pay(store, TransactionId{"shop:payment-3"}, Fingerprint{"card-2"}));
  tasks.push_back(pay(store, TransactionId{"shop:payment-1"}, Fingerprint{"card-1"}));
  run(loop, std::move(tasks));

  tasks.clear();
  tasks.push_back(report(store));
  run(loop, std::move(tasks));
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
