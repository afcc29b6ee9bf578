// What a program in a hurry does: it uses what it moved from, lets a store go before its calls have run, asks
// for no time limit by naming the longest one, and passes functions that are empty or throw.
#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loopstate/loopstate.hpp"
#include "port/model_table.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate {
namespace {

class Hurried : public ::testing::Test {
 protected:
  Hurried() { or_throw(blocking_.get_or_init(user_)); }

  const UserId user_{"shopper-1"};
  Store store_ = store::store_over(std::make_shared<table::ModelTable>());
  BlockingStore blocking_{store_};
};

TEST_F(Hurried, WhatAStoreWasMovedFromIsStillThatStore) {
  const auto taken = std::move(store_);
  EXPECT_EQ(store_.requests_sent(), taken.requests_sent());  // NOLINT(bugprone-use-after-move): what is left
  auto also_taken = std::move(blocking_);
  EXPECT_TRUE(blocking_.fetch(user_));  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(also_taken.fetch(user_));
}

TEST_F(Hurried, AJsonValueThatWasMovedFromIsStoredAsNull) {
  auto value = or_throw(JsonText::parse("\"flat white\""));
  or_throw(blocking_.remember(user_, "drink", std::move(value)));
  or_throw(blocking_.remember(user_, "cake", std::move(value)));  // NOLINT(bugprone-use-after-move)
  const auto context = or_throw(blocking_.fetch(user_));
  EXPECT_EQ(context.agent_memory.at("drink").text(), "\"flat white\"");
  EXPECT_EQ(context.agent_memory.at("cake").text(), "null");
}

// Every call, made of a store that is gone before the call begins.
TEST(ACall, OutlivesTheStoreThatItWasMadeOf) {
  boost::asio::io_context context{1};
  int answered = 0;
  const auto start = [&](auto call) {
    boost::asio::co_spawn(context, std::move(call), [&](std::exception_ptr thrown, const auto& /*answer*/) {
      EXPECT_FALSE(thrown);
      ++answered;
    });
  };
  {
    const UserId user{"shopper-1"};
    const TransactionId payment{"shop:payment-1"};
    const Fingerprint card{"card-1"};
    const PurchaseRecord purchase{.transaction = payment, .fingerprint = card};
    const RefundRecord refund{.refund = TransactionId{"shop:refund-1"}, .payment = payment};
    const Capture capture{.merchant_id = "coffee-shop"};
    const ContextEvent event{.event_type = "greeting"};
    const Session session{.key_pubkey = "key"};
    const auto change = [](Context&) -> Result<void> { return {}; };
    auto table = std::make_shared<table::ModelTable>();
    const auto store = [&] { return store::store_over(table); };
    start(store().fetch(user));
    start(store().fetch_many({user}));
    start(store().get_or_init(user));
    start(store().push(new_context(user, Timestamp{})));
    start(store().patch(user, std::vector<ContextChange>{{"vault.cred_balance", JsonText()}}));
    start(store().unset(user, {"vault.cred_balance"}));
    start(store().push_event(user, event));
    start(store().remember(user, "drink", JsonText()));
    start(store().recall(user, "drink"));
    start(store().forget(user, "drink"));
    start(store().update(user, change));
    start(store().lookup(card));
    start(store().link(card, user, "4242"));
    start(store().unlink(card));
    start(store().cards_of(user));
    start(store().is_processed(payment));
    start(store().mark_processed(payment, user, 7));
    start(store().claim(payment, "payload", std::chrono::minutes(1), LapsedPolicy::Rerun));
    start(store().extend(Claim(), std::chrono::minutes(1)));
    start(store().complete(Claim(), user, 7, "done"));
    start(store().release(Claim()));
    start(store().store_session(user, session));
    start(store().get_session(user));
    start(store().revoke_session(user));
    start(store().authorize(user, "read"));
    start(store().add_capture(user, capture));
    start(store().list_captures(user));
    start(store().settle_capture(user, "an-id"));
    start(store().set_location(user, MerchantId{"coffee-shop"}));
    start(store().get_location(user));
    start(store().clear_location(user));
    start(store().snapshot(user));
    start(store().record_capture(purchase));
    start(store().record_refund(refund));
    start(store().erase_user(user));
    start(store().warm_up());
    start(store().check_writable());
  }
  context.run();
  EXPECT_EQ(answered, 37);
}

TEST_F(Hurried, TheLongestTimeoutIsNoLimit) {
  using std::chrono::milliseconds;
  for (const auto span : {milliseconds::max(), milliseconds(std::chrono::hours(10'000'000))}) {
    EXPECT_TRUE(blocking_.fetch(user_, CallOptions().timeout(span)));
    EXPECT_TRUE(blocking_.push_event(user_, {.event_type = "greeting"}, CallOptions().timeout(span)));
    EXPECT_TRUE(blocking_.get_or_init(user_, CallOptions().timeout(span).deadline(Deadline::max())));
  }
  EXPECT_TRUE(blocking_.get_or_init(UserId{"shopper-2"}));
  EXPECT_TRUE(
      blocking_.erase_user(UserId{"shopper-2"}, EraseOptions().scan().request_timeout(milliseconds::max())));
}

TEST_F(Hurried, ATimeoutBelowZeroIsOverAtOnce) {
  for (const auto span : {std::chrono::milliseconds::min(), std::chrono::milliseconds(-1)}) {
    const auto refused = blocking_.fetch(user_, CallOptions().timeout(span));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::DeadlineExceeded);
  }
}

TEST_F(Hurried, AnErrorThrownInsideACallbackIsTheCallsError) {
  const auto updated = blocking_.update(user_, [&](Context&) -> Result<void> {
    or_throw(blocking_.lookup(Fingerprint{"card-nobody-linked"}));
    return {};
  });
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().code, ErrorCode::NotFound);
  EXPECT_EQ(updated.error().message, blocking_.lookup(Fingerprint{"card-nobody-linked"}).error().message);
}

TEST_F(Hurried, AnUpdateWithoutAFunctionIsRefused) {
  const auto updated = blocking_.update(user_, {});
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().code, ErrorCode::InvalidArgument);
}

TEST_F(Hurried, AContextThatCouldNotBeReadBackIsNotWritten) {
  const auto before = or_throw(blocking_.fetch(user_));
  auto changed = before;
  changed.unknown.emplace_back("version", or_throw(JsonText::parse("3")));
  EXPECT_EQ(blocking_.push(changed).error().code, ErrorCode::InvalidArgument);
  const auto twice = [](Context& read) -> Result<void> {
    read.vault.unknown = {{"bonus", JsonText()}, {"bonus", JsonText()}};
    return {};
  };
  EXPECT_EQ(blocking_.update(user_, twice).error().message,
            "context field vault: the unknown member bonus appears twice");
  EXPECT_EQ(or_throw(blocking_.fetch(user_)), before);
}

TEST_F(Hurried, AnEventOrACaptureThatCouldNotBeReadBackIsNotWritten) {
  ContextEvent event{.event_type = "greeting"};
  event.unknown.emplace_back("summary", JsonText());
  EXPECT_EQ(blocking_.push_event(user_, event).error().message, "event: summary is not an unknown member");
  Capture capture{.merchant_id = "coffee-shop"};
  capture.location = CaptureLocation{};
  EXPECT_EQ(blocking_.add_capture(user_, capture).error().message,
            "capture field location.latitude: expected a number, found null");
  EXPECT_TRUE(or_throw(blocking_.list_captures(user_)).empty());
}

TEST_F(Hurried, AContextThatWasMovedFromIsRefused) {
  auto context = or_throw(blocking_.fetch(user_));
  const auto taken = std::move(context);
  const auto pushed = blocking_.push(context);  // NOLINT(bugprone-use-after-move)
  ASSERT_FALSE(pushed);
  EXPECT_EQ(pushed.error().code, ErrorCode::InvalidArgument);
  const auto event = blocking_.push_event(user_, {.event_type = "greeting"}, WriteOptions().held(context));
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().message,
            "held is a context of nobody, made by default or moved from; the call is about user shopper-1");
  EXPECT_TRUE(blocking_.push(taken));
}

// Version 0 creates: what is stored is the conflict, and not what the caller handed over.
TEST_F(Hurried, AReadContextThatIsSetBackToVersion0IsInConflictWithWhatIsStored) {
  auto context = or_throw(blocking_.fetch(user_));
  context.version = 0;
  context.vault.cred_balance = 7;
  const auto pushed = blocking_.push(context);
  ASSERT_FALSE(pushed);
  ASSERT_EQ(pushed.error().code, ErrorCode::VersionConflict);
  EXPECT_EQ(pushed.error().conflict->current, or_throw(blocking_.fetch(user_)));
}

}  // namespace
}  // namespace loopstate
