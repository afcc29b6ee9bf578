// The Rust crate sets no bound for names: what it wrote comes out whole, and every call that is given it
// accepts it.
#include "base/name_access.hpp"
#include "store/purchases.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/location_row.hpp"
#include "store/rows/processed_row.hpp"

namespace loopstate::testing {
namespace {

class LongNames : public PurchaseTest {
 protected:
  LongNames() { place(store::card_row({card(), owner_, "4242", kStart})); }

  const UserId owner_ = stored_name<UserId>(std::string(250, 'u'));
};
LOOPSTATE_STORE_SUITE(LongNames);

TEST_P(LongNames, ComeOutAsTheyWereWritten) {
  ASSERT_FALSE(UserId::parse(owner_.text()));
  EXPECT_EQ(must(run(store_.lookup(card()))).user, owner_);

  ProcessedTransaction mark;
  mark.transaction = stored_name<TransactionId>(std::string(250, 't'));
  mark.user = owner_;
  place(store::put_processed(mark, "", kStart + 100s).item);
  const auto seen = must(run(store_.is_processed(mark.transaction)));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->transaction, mark.transaction);
  EXPECT_EQ(seen->user, owner_);

  const std::string merchant(250, 'm');
  place(store::location_row(owner_.text(), merchant, kStart, kStart + 100s));
  EXPECT_EQ(must(run(store_.get_location(owner_))).merchant.text(), merchant);
}

TEST_P(LongNames, AreTakenByTheCallsThatTheyAreHandedTo) {
  const auto outcome = must(run(store_.record_capture(purchase())));
  ASSERT_TRUE(outcome.user());
  EXPECT_EQ(*outcome.user(), owner_);

  auto context = must(run(store_.fetch(*outcome.user())));
  EXPECT_EQ(context.pubkey, owner_);
  context.vault.cred_balance = 7;
  const auto pushed = must(run(store_.push(context, PushOptions(request("push")))));
  EXPECT_EQ(must(run(store_.push(context, PushOptions(request("push"))))), pushed);
  EXPECT_EQ(must(run(store_.erase_user(pushed.pubkey))).user, owner_);
}

// No call makes such a name: it must be read first.
TEST_P(LongNames, AreNotTakenFromAContextThatWasNotReadFromTheStore) {
  auto context = new_context(owner_, kStart);
  context.version = 0;
  const auto refused = run(store_.push(context));
  EXPECT_ERROR(refused, InvalidArgument);
  EXPECT_EQ(refused.error().message, "pubkey is 250 bytes long; at most 200 are allowed");
}

}  // namespace
}  // namespace loopstate::testing
