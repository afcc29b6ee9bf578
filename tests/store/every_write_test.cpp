// Every write of the public interface under a caller's request id: one table of them, so that a new call that
// does not keep the promise fails here.
#include <fmt/format.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "store/purchases.hpp"
#include "store/spine/answers.hpp"
#include "store/upkeep/item_json.hpp"

namespace loopstate::testing {
namespace {

/// What a call returned, for comparison: the code of its error, or its value as JSON.
template <typename T>
std::string text_of(const Result<T>& answer) {
  if (!answer) return std::string(to_string(answer.error().code));
  if constexpr (std::is_void_v<T>) {
    return "done";
  } else if constexpr (std::is_same_v<T, EraseReceipt>) {
    return fmt::format("{{{} {} {} {}}}", answer->user.text(), answer->version,
                       unix_seconds(answer->erased_at), answer->items_removed);
  } else {
    return store::encode_answer(*answer);
  }
}

class EveryWrite : public PurchaseTest {
 protected:
  using Call = std::function<std::string(CallOptions)>;
  struct Write {
    Call call;              ///< does something
    Call other;             ///< the same call with another argument
    bool in_steps = false;  ///< if it was cut off, its repetition makes or finishes it
  };

  /// A separate table, with everything that the writes below use: a user with a context, a memory, cards,
  /// captures, a session, a location, a claim in progress.
  void begin_anew() {
    engine_ = GetParam().make(runner_.executor());
    table_ = std::make_shared<HookedTable>(engine_);
    store_ = store::store_over(table_, settings_, clock_);
    must(run(store_.get_or_init(user())));
    base_ = must(run(store_.remember(user(), "there", *JsonText::parse("1"))));
    must(run(store_.link(card(), user(), "4242")));
    must(run(store_.link(card("loop_fp_2"), user(), "4242")));
    must(run(store_.link(card("loop_fp_3"), user("U3"), "4242")));
    for (int i = 0; i < 10; ++i)
      captured_ = must(run(store_.add_capture(user(), capture()))).added()->capture.id;
    must(run(store_.mark_processed(txn("paid"), user(), 1250)));
    must(run(store_.store_session(user(), session())));
    must(run(store_.set_location(user(), merchant(), LocationOptions().event_time(now()))));
    claim_ = *must(run(store_.claim(txn("claimed"), "{}", 60s, LapsedPolicy::Rerun))).claim();
    base_ = must(run(store_.fetch(user())));
  }

  /// Everything others may do to it: more writes than a row keeps ids for, and each thing replaced.
  void others_come() {
    for (int i = 0; i < 17; ++i) (void)run(store_.push_event(user(), event("other")));
    (void)run(store_.patch(user(), {{"vault.cred_balance", *JsonText::parse("99")}}));
    (void)run(store_.add_capture(user(), capture(99)));
    (void)run(store_.link(card(), user("U2"), "", LinkOptions().transfer()));
    (void)run(store_.link(card("loop_fp_3"), user("U2"), "", LinkOptions().transfer()));
    (void)run(store_.link(card("loop_fp_9"), user("U2"), "", LinkOptions().transfer()));
    (void)run(store_.store_session(user(), session()));
    (void)run(store_.authorize(user(), "read"));
    (void)run(store_.set_location(user(), merchant("M9"), LocationOptions().event_time(now() + 5s)));
    (void)run(store_.claim(txn("claimed"), "{}", 60s, LapsedPolicy::Rerun, ClaimOptions().holder("other")));
    (void)run(store_.mark_processed(txn("not yet"), user(), 1250));
    (void)run(store_.unlink(card("loop_fp_2")));
    (void)run(store_.link(card("loop_fp_2"), user("U2"), ""));
  }

  /// All that is stored.
  std::set<std::string> stored() {
    std::set<std::string> lines;
    table::Scan scan;
    for (;;) {
      auto asked = scan;
      const table::Call call{now(), std::chrono::steady_clock::now() + std::chrono::seconds(60)};
      auto page = must(run(engine_->scan(std::move(asked), call)));
      for (const auto& item : page.items) lines.insert(store::item_to_json(item));
      if (!page.next) return lines;
      scan.cursor = page.next;
    }
  }

  template <typename T>
  Call calling(std::function<Task<Result<T>>(CallOptions)> call) {
    return [this, call = std::move(call)](CallOptions options) { return text_of(run(call(options))); };
  }

  std::map<std::string, Write> context_writes();
  std::map<std::string, Write> payment_writes();
  std::map<std::string, Write> access_writes();
  std::map<std::string, Write> writes() {
    auto all = context_writes();
    all.merge(payment_writes());
    all.merge(access_writes());
    return all;
  }

  /// Each on its own table.
  void for_each_write(const std::function<void(const Write&)>& body) {
    begin_anew();
    for (const auto& [name, unused] : writes()) {
      SCOPED_TRACE(name);
      begin_anew();
      body(writes().at(name));
    }
  }
  static bool is_done(const std::string& answer) {
    return answer.starts_with("{") || answer == "true" || answer == "done";
  }

  Context base_;
  std::string captured_;
  Claim claim_;
};
LOOPSTATE_STORE_SUITE(EveryWrite);

#define CALLING(T, expression) calling<T>([=, this](CallOptions options) { return expression; })

std::map<std::string, EveryWrite::Write> EveryWrite::context_writes() {
  std::map<std::string, Write> calls;
  const auto one = *JsonText::parse("1");
  const auto two = *JsonText::parse("2");
  auto changed = base_;
  changed.vault.cred_balance = 7;
  auto otherwise = base_;
  otherwise.vault.cred_balance = 8;
  const auto grow = [](Context& context) -> Result<void> {
    ++context.vault.cred_balance;
    return {};
  };
  const std::vector<std::string> path{"vault.cred_balance"};
  const std::vector<std::string> path_2{"vault.oxo_balance"};
  const std::vector<ContextChange> change{{"vault.cred_balance", one}};
  const std::vector<ContextChange> change_2{{"vault.cred_balance", two}};
  calls["get_or_init"] = {CALLING(Context, store_.get_or_init(user("N1"), options)),
                          CALLING(Context, store_.get_or_init(user("N2"), options))};
  calls["push"] = {CALLING(Context, store_.push(changed, PushOptions(options).base(base_))),
                   CALLING(Context, store_.push(otherwise, PushOptions(options).base(base_)))};
  calls["patch"] = {CALLING(Context, store_.patch(user(), change, options)),
                    CALLING(Context, store_.patch(user(), change_2, options))};
  calls["unset"] = {CALLING(Context, store_.unset(user(), path, options)),
                    CALLING(Context, store_.unset(user(), path_2, options))};
  calls["push_event"] = {CALLING(Context, store_.push_event(user(), event("a"), options)),
                         CALLING(Context, store_.push_event(user(), event("b"), options))};
  calls["remember"] = {CALLING(Context, store_.remember(user(), "k", one, options)),
                       CALLING(Context, store_.remember(user(), "k", two, options))};
  calls["forget"] = {CALLING(Context, store_.forget(user(), "there", options)),
                     CALLING(Context, store_.forget(user(), "k", options))};
  calls["update"] = {CALLING(Context, store_.update(user(), grow, options)),
                     CALLING(Context, store_.update(user("U3"), grow, options))};
  return calls;
}

std::map<std::string, EveryWrite::Write> EveryWrite::payment_writes() {
  std::map<std::string, Write> calls;
  const auto id = captured_;
  calls["add_capture"] = {CALLING(AddedCapture, store_.add_capture(user(), capture(1), options)),
                          CALLING(AddedCapture, store_.add_capture(user(), capture(2), options))};
  calls["add_capture with a transaction"] = {
      CALLING(AddedCapture,
              store_.add_capture(user(), capture(1), AddCaptureOptions(options).transaction(txn("a")))),
      CALLING(AddedCapture,
              store_.add_capture(user(), capture(1), AddCaptureOptions(options).transaction(txn("b"))))};
  calls["settle_capture"] = {CALLING(Capture, store_.settle_capture(user(), id, options)),
                             CALLING(Capture, store_.settle_capture(user("U3"), id, options))};
  calls["record_capture"] = {CALLING(RecordOutcome, store_.record_capture(purchase("a"), options)),
                             CALLING(RecordOutcome, store_.record_capture(purchase("b"), options))};
  calls["mark_processed"] = {CALLING(MarkOutcome, store_.mark_processed(txn("a"), user(), 1, options)),
                             CALLING(MarkOutcome, store_.mark_processed(txn("b"), user(), 1, options))};
  auto refund = refund_of("refund", 100);
  refund.payment = txn("paid");
  auto larger = refund;
  larger.amount.minor_units = 200;
  calls["record_refund"] = {CALLING(RefundOutcome, store_.record_refund(refund, options)),
                            CALLING(RefundOutcome, store_.record_refund(larger, options))};
  auto early = refund;
  early.payment = txn("not yet");
  auto early_larger = larger;
  early_larger.payment = txn("not yet");
  calls["record_refund before the payment"] = {
      CALLING(RefundOutcome, store_.record_refund(early, options)),
      CALLING(RefundOutcome, store_.record_refund(early_larger, options))};
  return calls;
}

std::map<std::string, EveryWrite::Write> EveryWrite::access_writes() {
  std::map<std::string, Write> calls;
  const auto held = claim_;
  const auto later =
      Claim::from_parts(held.transaction(), held.fence() + 1, held.holder(), held.payload_hash());
  auto other_session = session();
  other_session.max_actions = 9;
  calls["link"] = {CALLING(LinkedCard, store_.link(card("loop_fp_9"), user(), "4242", options)),
                   CALLING(LinkedCard, store_.link(card("loop_fp_9"), user("U3"), "", options))};
  calls["link with a transfer"] = {
      CALLING(LinkedCard, store_.link(card("loop_fp_3"), user(), "", LinkOptions(options).transfer())),
      CALLING(LinkedCard, store_.link(card("loop_fp_3"), user("U2"), "", LinkOptions(options).transfer())),
      true};
  calls["unlink"] = {CALLING(Card, store_.unlink(card("loop_fp_2"), options)),
                     CALLING(Card, store_.unlink(card(), options))};
  calls["unlink with a user"] = {
      CALLING(Card, store_.unlink(card("loop_fp_2"), UnlinkOptions(options).owner(user()))),
      CALLING(Card, store_.unlink(card(), UnlinkOptions(options).owner(user())))};
  calls["claim"] = {CALLING(ClaimOutcome, store_.claim(txn("c"), "{}", 60s, LapsedPolicy::Rerun,
                                                       ClaimOptions(options).holder("w"))),
                    CALLING(ClaimOutcome, store_.claim(txn("d"), "{}", 60s, LapsedPolicy::Rerun,
                                                       ClaimOptions(options).holder("w")))};
  calls["extend"] = {CALLING(Claim, store_.extend(held, 120s, options)),
                     CALLING(Claim, store_.extend(held, 180s, options))};
  calls["complete"] = {CALLING(ProcessedTransaction, store_.complete(held, user(), 1, "done", options)),
                       CALLING(ProcessedTransaction, store_.complete(held, user(), 2, "done", options))};
  calls["release"] = {CALLING(void, store_.release(held, options)),
                      CALLING(void, store_.release(later, options))};
  calls["store_session"] = {CALLING(Session, store_.store_session(user(), session(), options)),
                            CALLING(Session, store_.store_session(user(), other_session, options))};
  calls["revoke_session"] = {CALLING(bool, store_.revoke_session(user(), options)),
                             CALLING(bool, store_.revoke_session(user("U3"), options))};
  calls["authorize"] = {CALLING(Authorization, store_.authorize(user(), "read", options)),
                        CALLING(Authorization, store_.authorize(user("U3"), "read", options))};
  calls["set_location"] = {CALLING(bool, store_.set_location(user(), merchant("M2"), options)),
                           CALLING(bool, store_.set_location(user(), merchant("M3"), options))};
  calls["clear_location"] = {CALLING(bool, store_.clear_location(user(), options)),
                             CALLING(bool, store_.clear_location(user("U3"), options))};
  calls["erase_user"] = {CALLING(EraseReceipt, store_.erase_user(user(), options)),
                         CALLING(EraseReceipt, store_.erase_user(user("U3"), options)), true};
  return calls;
}

// The calls of the interface that take options, as its header lists them; except those that only read, or
// write nothing of significance.
std::set<std::string> calls_that_write() {
  const std::set<std::string> reads{"fetch",        "fetch_many",   "recall",      "lookup",
                                    "cards_of",     "is_processed", "get_session", "list_captures",
                                    "get_location", "snapshot",     "warm_up",     "check_writable"};
  std::ifstream file(LOOPSTATE_FIXTURES "/../../include/loopstate/store.hpp");
  std::stringstream text;
  text << file.rdbuf();
  const std::string header = text.str();
  const std::regex declaration(R"(Task<[^;]*?>\s+(\w+)\([^;]*Options options)");
  std::set<std::string> calls;
  for (std::sregex_iterator at(header.begin(), header.end(), declaration), end; at != end; ++at) {
    if (!reads.contains((*at)[1])) calls.insert((*at)[1]);
  }
  return calls;
}

TEST_P(EveryWrite, OfTheInterfaceIsInTheTable) {
  begin_anew();
  std::set<std::string> names;
  for (const auto& [name, unused] : writes()) names.insert(name.substr(0, name.find(' ')));
  EXPECT_EQ(names, calls_that_write());
}

TEST_P(EveryWrite, RepeatedChangesNothingAndAnswersTheSameWhateverOthersDidInBetween) {
  for_each_write([&](const Write& write) {
    const auto first = write.call(request("r"));
    EXPECT_TRUE(is_done(first)) << first;
    advance(3s);
    others_come();
    const auto before = stored();
    EXPECT_EQ(write.call(request("r")), first);
    EXPECT_EQ(stored(), before);
  });
}

TEST_P(EveryWrite, RepeatedAfterALostReplyChangesNothingAndAnswersWhatTheFirstOneDid) {
  for_each_write([&](const Write& write) {
    table_->lose_replies(1);
    EXPECT_EQ(write.call(request("r")), "OutcomeUnknown");
    advance(3s);
    others_come();
    const auto before = stored();
    const auto again = write.call(request("r"));
    EXPECT_TRUE(is_done(again)) << again;
    const auto after = stored();
    if (!write.in_steps) {
      EXPECT_EQ(after, before);
    }
    EXPECT_EQ(write.call(request("r")), again);
    EXPECT_EQ(stored(), after);
  });
}

TEST_P(EveryWrite, WithOtherArgumentsUnderItsIdIsRefusedAndDoesNothing) {
  for_each_write([&](const Write& write) {
    write.call(request("r"));
    const auto before = stored();
    EXPECT_EQ(write.other(request("r")), "RequestIdReused");
    EXPECT_EQ(stored(), before);
  });
}

TEST_P(EveryWrite, UnderTheIdOfAnotherCallIsRefusedAndDoesNothing) {
  for_each_write([&](const Write& write) {
    must(run(store_.push_event(user("U3"), event("first"), request("r"))));
    const auto before = stored();
    EXPECT_EQ(write.call(request("r")), "RequestIdReused");
    EXPECT_EQ(stored(), before);
  });
}

TEST_P(EveryWrite, ByTwoCallersUnderOneIdIsDoneOnceAndBothAreAnsweredTheSame) {
  for_each_write([&](const Write& write) {
    std::vector<std::string> answers(4);
    race(4, [&](int i) { answers[static_cast<std::size_t>(i)] = write.call(request("r")); });
    EXPECT_TRUE(is_done(answers[0])) << answers[0];
    for (const auto& answer : answers) EXPECT_EQ(answer, answers[0]);
    const auto before = stored();
    EXPECT_EQ(write.call(request("r")), answers[0]);
    EXPECT_EQ(stored(), before);
  });
}

TEST_P(EveryWrite, LeavesItsIdToAnotherWriteADayLater) {
  for_each_write([&](const Write& write) {
    write.call(request("r"));
    EXPECT_TRUE(row(store::request_key("r")));
    advance(86'399s);
    EXPECT_EQ(write.other(request("r")), "RequestIdReused");
    advance(1s);
    EXPECT_NE(write.other(request("r")), "RequestIdReused");
  });
}

TEST_P(EveryWrite, WithoutAnIdLeavesNoItemOfOne) {
  for_each_write([&](const Write& write) {
    write.call({});
    for (const auto& line : stored()) EXPECT_EQ(line.find("REQUEST#"), std::string::npos) << line;
  });
}

}  // namespace
}  // namespace loopstate::testing
