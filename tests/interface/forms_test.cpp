// The forms in which a program writes calls inside a `co_await`: each is compiled here and run under the
// address sanitizer, since GCC 12 destroys some temporaries of an awaited expression twice. What would crash
// must not compile, which the assertions at the end verify.
#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "loopstate/loopstate.hpp"
#include "port/model_table.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate {
namespace {

using namespace std::chrono_literals;

// Longer than what a string stores inside itself, so that freeing a text twice is noticed.
const std::string kLong(64, 'x');

class Forms : public ::testing::Test {
 protected:
  Forms() {
    run([](Store store) -> Task<void> {
      or_throw(co_await store.get_or_init(UserId{"shopper-1"}));
      or_throw(co_await store.link(Fingerprint{"card-1"}, UserId{"shopper-1"}, "4242"));
    });
  }

  /// Runs a coroutine to its end. It takes the store by value: a lambda's captures would be gone.
  void run(Task<void> (*form)(Store store)) {
    boost::asio::io_context context{1};
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, form(store_), [&](std::exception_ptr failure) { thrown = failure; });
    context.run();
    if (thrown) std::rethrow_exception(thrown);
  }

  Store store_ = store::store_over(std::make_shared<table::ModelTable>());
};

PurchaseRecord purchase_of(TransactionId transaction) {
  PurchaseRecord purchase;
  purchase.transaction = std::move(transaction);
  purchase.fingerprint = Fingerprint{"card-1"};
  purchase.capture.merchant_id = kLong;
  purchase.event.event_type = "purchase";
  purchase.event.summary = kLong;
  return purchase;
}

TEST_F(Forms, NamesAsLiterals) {
  run([](Store store) -> Task<void> {
    const auto card = or_throw(co_await store.lookup(Fingerprint{"card-1"}));
    EXPECT_EQ(card.last4, "4242");
  });
}

TEST_F(Forms, OptionsInBracesWithNothingInThem) {
  run([](Store store) -> Task<void> {
    const UserId user{"shopper-1"};
    EXPECT_TRUE(co_await store.fetch(user, {}));
    EXPECT_TRUE(co_await store.get_or_init(user, {}));
    EXPECT_TRUE(co_await store.link(Fingerprint{"card-1"}, user, "4242", {}));
  });
}

TEST_F(Forms, OptionsChainedWithinTheCall) {
  run([](Store store) -> Task<void> {
    const UserId user{"shopper-1"};
    EXPECT_TRUE(
        co_await store.fetch(user, CallOptions().timeout(5s).request_id("a-request-of-30-characters-000")));
    EXPECT_TRUE(co_await store.get_or_init(user, InitOptions().revive().timeout(5s)));
    EXPECT_TRUE(co_await store.link(Fingerprint{"card-2"}, user, "",
                                    LinkOptions().transfer().request_id("another-request-of-thirty-one-0")));
    EXPECT_TRUE(co_await store.unlink(Fingerprint{"card-2"}, UnlinkOptions().owner(user)));
    EXPECT_TRUE(co_await store.set_location(user, MerchantId{"coffee-shop"}, LocationOptions().timeout(5s)));
    EXPECT_TRUE(co_await store.clear_location(
        user, ClearLocationOptions().merchant(MerchantId{"coffee-shop"}).timeout(5s)));
  });
}

TEST_F(Forms, OptionsThatHaveAName) {
  run([](Store store) -> Task<void> {
    const UserId user{"shopper-1"};
    auto options = CallOptions().deadline(std::chrono::steady_clock::now() + 5s);
    EXPECT_TRUE(co_await store.fetch(user, options));
    EXPECT_FALSE(co_await store.forget(user, "nothing", options));
    EXPECT_TRUE(co_await store.link(Fingerprint{"card-1"}, user, "4242", LinkOptions(options).transfer()));
    options.request_id("a-request-of-30-characters-000");
    EXPECT_TRUE(co_await store.get_or_init(user, std::move(options)));
  });
}

TEST_F(Forms, WhatTheCallerHolds) {
  run([](Store store) -> Task<void> {
    const UserId user{"shopper-1"};
    auto context = or_throw(co_await store.fetch(user));
    context = or_throw(co_await store.remember(user, "drink", or_throw(JsonText::parse("\"flat white\"")),
                                               WriteOptions().held(context)));
    context =
        or_throw(co_await store.forget(user, "drink", WriteOptions().held(std::move(context)).timeout(5s)));
    const auto before = context;
    ++context.vault.cred_balance;
    context = or_throw(co_await store.push(context, PushOptions().base(before)));
    EXPECT_EQ(context.vault.cred_balance, 1u);
  });
}

TEST_F(Forms, ContextsMadeWithinTheCall) {
  run([](Store store) -> Task<void> {
    const UserId user{"shopper-1"};
    const auto long_text = or_throw(JsonText::parse('"' + kLong + '"'));
    auto read = or_throw(co_await store.remember(user, "drink", long_text));
    read = or_throw(co_await store.push(Context(read), PushOptions().base(Context(read))));
    EXPECT_TRUE(co_await store.forget(user, "drink", WriteOptions().held(Context(read)).timeout(5s)));
    const auto purchase = purchase_of(TransactionId{"shop:payment-1"});
    EXPECT_TRUE(
        co_await store.record_capture(purchase, RecordOptions().held(HeldState().context(Context(read)))));
    EXPECT_FALSE(co_await store.push(Context()));
    EXPECT_FALSE(co_await store.push({}));
  });
}

TEST_F(Forms, ListsThatHaveAName) {
  run([](Store store) -> Task<void> {
    const UserId user{"shopper-1"};
    const std::vector<ContextChange> changes{{"vault.cred_balance", or_throw(JsonText::parse("7"))}};
    auto context = or_throw(co_await store.patch(user, changes));
    EXPECT_EQ(context.vault.cred_balance, 7u);
    std::vector<std::string> paths{"vault.cred_balance"};
    context = or_throw(co_await store.unset(user, std::move(paths), WriteOptions().held(context)));
    EXPECT_EQ(context.vault.cred_balance, 0u);
  });
}

TEST_F(Forms, ValuesInBracesThatHaveAName) {
  run([](Store store) -> Task<void> {
    const UserId user{"shopper-1"};
    const ContextEvent event{.event_type = "greeting", .summary = kLong};
    EXPECT_TRUE(co_await store.push_event(user, event));
    const Capture capture{.merchant_id = kLong, .proof_data = kLong};
    EXPECT_TRUE(co_await store.add_capture(
        user, capture, AddCaptureOptions().transaction(TransactionId{"shop:payment-9"}).timeout(5s)));
    const Session session{.key_pubkey = kLong, .vault_pubkey = kLong, .scopes = {"read"}, .max_actions = 3};
    EXPECT_TRUE(co_await store.store_session(user, session));
    const PurchaseRecord purchase{.transaction = TransactionId{"shop:payment-1"},
                                  .fingerprint = Fingerprint{"card-1"},
                                  .capture = {.merchant_id = kLong},
                                  .event = {.event_type = "purchase", .summary = kLong}};
    EXPECT_TRUE(co_await store.record_capture(purchase));
    const RefundRecord refund{.refund = TransactionId{"shop:refund-1"},
                              .payment = TransactionId{"shop:payment-1"}};
    EXPECT_TRUE(co_await store.record_refund(refund, RecordOptions().timeout(5s)));
  });
}

TEST_F(Forms, HeldStateOfAnEarlierCall) {
  run([](Store store) -> Task<void> {
    const auto context = or_throw(co_await store.fetch(UserId{"shopper-1"}));
    const auto card = or_throw(co_await store.lookup(Fingerprint{"card-1"}));
    auto held = HeldState().context(context).card(card);
    const auto first = purchase_of(TransactionId{"shop:payment-1"});
    EXPECT_TRUE(co_await store.record_capture(first, RecordOptions().held(held).timeout(5s)));
    const auto second = purchase_of(TransactionId{"shop:payment-2"});
    EXPECT_TRUE(co_await store.record_capture(second, RecordOptions().held(std::move(held))));
    const auto third = purchase_of(TransactionId{"shop:payment-3"});
    EXPECT_TRUE(co_await store.record_capture(third, RecordOptions().held(HeldState())));
    const auto fourth = purchase_of(TransactionId{"shop:payment-4"});
    EXPECT_TRUE(co_await store.record_capture(
        fourth, RecordOptions().held(HeldState().card(card).context(context)).timeout(5s)));
    const auto fifth = purchase_of(TransactionId{"shop:payment-5"});
    auto outcome = or_throw(co_await store.record_capture(fifth));
    const auto sixth = purchase_of(TransactionId{"shop:payment-6"});
    EXPECT_TRUE(co_await store.record_capture(sixth, RecordOptions().held(std::move(outcome).held())));
  });
}

TEST_F(Forms, ClaimsFromTheirParts) {
  run([](Store store) -> Task<void> {
    const TransactionId transaction{"shop:payment-1"};
    const auto outcome = or_throw(
        co_await store.claim(transaction, kLong, 60s, LapsedPolicy::Rerun, ClaimOptions().holder(kLong)));
    const auto longer = or_throw(co_await store.extend(*outcome.claim(), 120s));
    const auto hash = longer.payload_hash();
    EXPECT_TRUE(co_await store.extend(Claim::from_parts(transaction, longer.fence(), kLong, hash), 180s,
                                      CallOptions().timeout(5s)));
    EXPECT_FALSE(co_await store.release(Claim()));
    EXPECT_FALSE(co_await store.release({}));
    EXPECT_TRUE(co_await store.complete(Claim::from_parts(transaction, longer.fence(), kLong, hash),
                                        UserId{"shopper-1"}, 7, kLong));
  });
}

TEST_F(Forms, FunctionsAmongTheOptions) {
  run([](Store store) -> Task<void> {
    std::uint64_t looked_at = 0;
    EXPECT_TRUE(co_await store.erase_user(
        UserId{"shopper-1"},
        EraseOptions().scan().progress([&looked_at](const EraseProgress& so_far) -> Result<void> {
          looked_at = so_far.items;
          return {};
        })));
  });
}

TEST_F(Forms, FunctionsThatChangeAContext) {
  run([](Store store) -> Task<void> {
    const UserId user{"shopper-1"};
    const std::string drink = kLong;
    EXPECT_TRUE(co_await store.update(user, [&](Context& read) -> Result<void> {
      read.agent_memory["drink"] = or_throw(JsonText::parse('"' + drink + '"'));
      return {};
    }));
    const auto change = [drink](Context& read) -> Result<void> {
      read.agent_memory["again"] = or_throw(JsonText::parse('"' + drink + '"'));
      return {};
    };
    const auto context = or_throw(co_await store.update(user, change, CallOptions().timeout(5s)));
    EXPECT_EQ(context.agent_memory.size(), 2u);
  });
}

TEST_F(Forms, CallsThatAreMadeFirstAndAwaitedLater) {
  run([](Store store) -> Task<void> {
    auto call =
        store.link(Fingerprint{"card-3"}, UserId{"shopper-1"}, "", LinkOptions().transfer().timeout(5s));
    EXPECT_TRUE(co_await std::move(call));
    if (auto card = co_await store.lookup(Fingerprint{"card-3"}, CallOptions().timeout(5s)); !card) {
      ADD_FAILURE() << card.error().message;
    }
  });
}

TEST_F(Forms, ErrorsAsExceptions) {
  EXPECT_THROW(run([](Store store) -> Task<void> {
                 or_throw(co_await store.fetch(UserId{"nobody"}, CallOptions().timeout(5s)));
               }),
               Exception);
}

// What must not compile.

template <typename AnyStore>
concept TakesBraces = requires(AnyStore store) {
  store.record_capture({.transaction = TransactionId{"a"}, .fingerprint = Fingerprint{"b"}});
  store.record_refund({.refund = TransactionId{"a"}, .payment = TransactionId{"b"}});
  store.push_event(UserId{"u"}, {.event_type = "a"});
  store.add_capture(UserId{"u"}, {.merchant_id = "a"});
  store.store_session(UserId{"u"}, {.key_pubkey = "a"});
};
template <typename AnyStore>
concept TakesBracedPurchase = requires(AnyStore store) {
  store.record_capture({.transaction = TransactionId{"a"}, .fingerprint = Fingerprint{"b"}});
};
template <typename AnyStore>
concept TakesBracedRefund = requires(AnyStore store) { store.record_refund({.refund = TransactionId{"a"}}); };
template <typename AnyStore>
concept TakesBracedEvent = requires(AnyStore store) { store.push_event(UserId{"u"}, {.event_type = "a"}); };
template <typename AnyStore>
concept TakesBracedCapture =
    requires(AnyStore store) { store.add_capture(UserId{"u"}, {.merchant_id = "a"}); };
template <typename AnyStore>
concept TakesBracedSession =
    requires(AnyStore store) { store.store_session(UserId{"u"}, {.key_pubkey = "a"}); };
template <typename AnyStore, typename Purchase>
concept TakesPurchase =
    requires(AnyStore store, Purchase&& purchase) { store.record_capture(std::forward<Purchase>(purchase)); };
template <typename AnyStore, typename First, typename Second>
concept Links = requires(AnyStore store, First first, Second second) { store.link(first, second, "4242"); };

// What may be passed to a call within a `co_await` is not an aggregate.
TEST(FormsThatCrash, AreThoseOfAggregates) {
  static_assert(!std::is_aggregate_v<Context> && !std::is_aggregate_v<Claim> &&
                !std::is_aggregate_v<HeldState>);
  static_assert(!std::is_aggregate_v<CallOptions> && !std::is_aggregate_v<RecordOptions>);
  static_assert(std::is_aggregate_v<PurchaseRecord> && std::is_aggregate_v<Capture>);  // hence by name
}

TEST(FormsThatCrash, DoNotCompile) {
  static_assert(!TakesBracedPurchase<Store> && !TakesBracedRefund<Store> && !TakesBracedEvent<Store> &&
                !TakesBracedCapture<Store> && !TakesBracedSession<Store>);
  static_assert(!TakesPurchase<Store, PurchaseRecord>);  // a temporary, or moved from
  static_assert(TakesPurchase<Store, PurchaseRecord&>);  // by its name
  static_assert(TakesPurchase<Store, const PurchaseRecord&>);
}

TEST(FormsThatCrash, OfFunctionsDoNotCompile) {
  auto by_value = [text = kLong](Context&) -> Result<void> { return {}; };
  auto by_reference = [&](Context&) -> Result<void> { return {}; };
  using Change = FunctionByName<Result<void>(Context&)>;
  static_assert(!std::is_constructible_v<Change, decltype(by_value)>);
  static_assert(std::is_constructible_v<Change, decltype(by_value)&>);
  static_assert(std::is_constructible_v<Change, decltype(by_reference)>);
  static_assert(!std::is_constructible_v<Change, std::function<Result<void>(Context&)>>);
}

TEST(FormsThatCrash, AreTakenWhereNothingIsAwaited) {
  static_assert(TakesBraces<BlockingStore>);
  static_assert(TakesPurchase<BlockingStore, PurchaseRecord>);
}

TEST(SwappedNames, DoNotCompile) {
  static_assert(Links<Store, Fingerprint, UserId>);
  static_assert(!Links<Store, UserId, Fingerprint>);
  static_assert(!Links<BlockingStore, UserId, Fingerprint>);
}

}  // namespace
}  // namespace loopstate
