// A name that was never filled in names nothing, and no call accepts it; nor a claim on nothing.
#include <map>

#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

class EmptyNames : public PurchaseTest {
 protected:
  template <typename T>
  Result<void> ending(Task<Result<T>> call) {
    auto answer = run(std::move(call));
    if (!answer) return std::unexpected(answer.error());
    return {};
  }

  std::map<std::string, Result<void>> reads();
  std::map<std::string, Result<void>> writes();

  void expect_refused(const std::map<std::string, Result<void>>& calls) {
    for (const auto& [name, answer] : calls) {
      EXPECT_ERROR(answer, InvalidArgument) << name;
      const auto field = name.substr(name.find(' ') + 1);
      if (!answer) {
        EXPECT_EQ(answer.error().message, field + " is empty") << name;
      }
    }
  }
};
LOOPSTATE_STORE_SUITE(EmptyNames);

// "CALL FIELD": which call is made, and which of its names is empty.
std::map<std::string, Result<void>> EmptyNames::reads() {
  const UserId nobody;
  std::map<std::string, Result<void>> calls;
  calls["fetch user"] = ending(store_.fetch(nobody));
  calls["recall user"] = ending(store_.recall(nobody, "key"));
  calls["lookup fingerprint"] = ending(store_.lookup(Fingerprint()));
  calls["cards_of user"] = ending(store_.cards_of(nobody));
  calls["is_processed transaction"] = ending(store_.is_processed(TransactionId()));
  calls["get_session user"] = ending(store_.get_session(nobody));
  calls["list_captures user"] = ending(store_.list_captures(nobody));
  calls["get_location user"] = ending(store_.get_location(nobody));
  calls["snapshot user"] = ending(store_.snapshot(nobody));
  return calls;
}

std::map<std::string, Result<void>> EmptyNames::writes() {
  const UserId nobody;
  const TransactionId nothing;
  const auto one = *JsonText::parse("1");
  const std::vector<ContextChange> change{{"vault.cred_balance", one}};
  const std::vector<std::string> path{"vault.cred_balance"};
  auto unnamed = purchase();
  unnamed.transaction = nothing;
  auto cardless = purchase();
  cardless.fingerprint = Fingerprint();
  auto refund = refund_of("refund", 100);
  refund.payment = nothing;
  std::map<std::string, Result<void>> calls;
  calls["get_or_init user"] = ending(store_.get_or_init(nobody));
  calls["patch user"] = ending(store_.patch(nobody, change));
  calls["unset user"] = ending(store_.unset(nobody, path));
  calls["push_event user"] = ending(store_.push_event(nobody, event()));
  calls["remember user"] = ending(store_.remember(nobody, "key", one));
  calls["forget user"] = ending(store_.forget(nobody, "key"));
  calls["update user"] = ending(store_.update(nobody, [](Context&) { return Result<void>{}; }));
  calls["link user"] = ending(store_.link(card(), nobody, "4242"));
  calls["link fingerprint"] = ending(store_.link(Fingerprint(), user(), "4242"));
  calls["unlink fingerprint"] = ending(store_.unlink(Fingerprint()));
  calls["mark_processed transaction"] = ending(store_.mark_processed(nothing, user(), 1));
  calls["mark_processed user"] = ending(store_.mark_processed(txn(), nobody, 1));
  calls["claim transaction"] = ending(store_.claim(nothing, "{}", 60s, LapsedPolicy::Rerun));
  calls["extend claim"] = ending(store_.extend(Claim(), 60s));
  calls["complete claim"] = ending(store_.complete(Claim(), user(), 1, "done"));
  calls["release claim"] = ending(store_.release(Claim()));
  calls["store_session user"] = ending(store_.store_session(nobody, session()));
  calls["revoke_session user"] = ending(store_.revoke_session(nobody));
  calls["authorize user"] = ending(store_.authorize(nobody, "read"));
  calls["add_capture user"] = ending(store_.add_capture(nobody, capture()));
  calls["settle_capture user"] = ending(store_.settle_capture(nobody, "id"));
  calls["set_location user"] = ending(store_.set_location(nobody, merchant()));
  calls["set_location merchant"] = ending(store_.set_location(user(), MerchantId()));
  calls["clear_location user"] = ending(store_.clear_location(nobody));
  calls["record_capture transaction"] = ending(store_.record_capture(unnamed));
  calls["record_capture fingerprint"] = ending(store_.record_capture(cardless));
  calls["record_refund transaction"] = ending(store_.record_refund(refund));
  calls["erase_user user"] = ending(store_.erase_user(nobody));
  return calls;
}

TEST_P(EmptyNames, AreRefusedByEveryReadByField) {
  expect_refused(reads());
}

TEST_P(EmptyNames, AreRefusedByEveryWriteByFieldAndWriteNothing) {
  table_->take_calls();
  expect_refused(writes());
  EXPECT_EQ(table_->take_calls(), 0u);
}

TEST_P(EmptyNames, AmongManyUsersAreRefusedOneByOne) {
  must(run(store_.get_or_init(user())));
  const std::vector<UserId> users{user(), UserId(), user()};
  const auto answers = run(store_.fetch_many(users));
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_TRUE(answers[0]);
  EXPECT_ERROR(answers[1], InvalidArgument);
  EXPECT_TRUE(answers[2]);
}

}  // namespace
}  // namespace loopstate::testing
