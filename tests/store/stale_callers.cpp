#include "store/stale_callers.hpp"

#include <algorithm>

#include "store/stale_seed.hpp"
#include "store/upkeep/check.hpp"

namespace loopstate::testing {

/// One of them: what it remembers comes from stale readings and its own answers, and replies to it are lost.
class StaleCaller {
 public:
  StaleCaller(CallersOnStaleReads& test, int number)
      : test_(test),
        told_(test.told_),
        table_(std::make_shared<HookedTable>(test.engine_)),
        store_(store::store_over(table_, test.settings_, test.clock_)),
        random_(stale_seed() * 100 + static_cast<std::uint64_t>(number)) {
    // The engine's own retries, after replies that it lost.
    table_->repeat_writes(number % 2 == 0);
  }

  void step() {
    switch (pick(12)) {
      case 0:
      case 1:
      case 2:
        return buy();
      case 3:
      case 4:
        return refund();
      case 5:
        return settle();
      case 6:
      case 7:
        return authorize();
      case 8:
      case 9:
        return grow();
      case 10:
        return remember_and_forget();
      default:
        return move_card();
    }
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  template <typename T>
  T run(Task<T> task) {
    return test_.run(std::move(task));
  }
  static const ReadOptions& stale() { return named(ReadOptions().may_be_stale()); }

  /// As a caller does that has to know: again under the same id, whatever becomes of the replies.
  template <typename Call>
  auto until_known(Call call) {
    const auto options = CallOptions().request_id("r" + std::to_string(++test_.unique_));
    auto answer = run(call(options));
    for (int again = 0; again < 20 && !answer && may_repeat(answer.error()); ++again) {
      answer = run(call(options));
    }
    table_->lose_replies(0);
    return answer;
  }
  static bool may_repeat(const Error& error) {
    return error.retryable || error.code == ErrorCode::OutcomeUnknown;
  }
  void lose_a_reply_perhaps() { table_->lose_replies(pick(3) == 0 ? 1 : 0); }

  /// Some of them from one moment, some from another.
  HeldState remembered(std::size_t card) {
    HeldState held;
    if (pick(4) == 0) return last_held_;
    const auto found = run(store_.lookup(test_.card_number(card), stale()));
    if (!found) return held;
    held.card(*found);
    if (pick(2) == 0) {
      const auto all = run(store_.snapshot(found->user, stale()));
      if (all && all->context) held.context(all->context).captures(all->captures);
      return held;
    }
    if (auto context = run(store_.fetch(found->user, stale()))) held.context(std::move(*context));
    if (pick(2) == 0) return held;
    if (auto captures = run(store_.list_captures(found->user, stale()))) held.captures(std::move(*captures));
    return held;
  }
  std::optional<Context> remembered_context(const UserId& user) {
    if (pick(2) == 0) return std::nullopt;
    auto context = run(store_.fetch(user, stale()));
    return context ? std::optional(std::move(*context)) : std::nullopt;
  }

  void report(std::string what, const Error& error) {
    const std::lock_guard lock(told_.mutex);
    wrong(std::move(what), error);
  }
  void wrong(std::string what, const Error& error) {
    told_.wrong.push_back(what + ": " + std::string(to_string(error.code)) + ", " + error.message);
  }
  std::string payment_before() {
    const std::lock_guard lock(told_.mutex);
    if (told_.payments.empty()) return {};
    return *std::next(told_.payments.begin(), static_cast<std::ptrdiff_t>(pick(told_.payments.size())));
  }

  void buy() {
    std::string payment = pick(5) == 0 ? payment_before() : "";
    if (payment.empty()) payment = "square:P" + std::to_string(++test_.unique_);
    const auto card = pick(CallersOnStaleReads::kCards);
    const auto& purchase = test_.purchase(payment, test_.card_number(card).text());
    const auto held = remembered(card);
    lose_a_reply_perhaps();
    auto outcome = until_known([&](const CallOptions& options) {
      return store_.record_capture(purchase, RecordOptions(options).held(held));
    });
    if (!outcome) return report("a purchase", outcome.error());
    const std::lock_guard lock(told_.mutex);
    if (outcome->unknown_card()) told_.wrong.push_back("a purchase: unknown card");
    if (const auto* recorded = outcome->recorded()) {
      told_.payments.insert(payment);
      told_.captures[recorded->capture_id] = {recorded->user.text(), payment};
      for (const auto& dropped : recorded->dropped) {
        told_.left.insert(dropped.id);
        told_.dropped.push_back({dropped.id, dropped.refunded.minor_units, recorded->version});
      }
    }
    if (outcome->recorded()) last_held_ = std::move(*outcome).held();
  }

  void refund() {
    const auto payment = payment_before();
    if (payment.empty()) return;
    const auto id = "square-refund:" + std::to_string(++test_.unique_);
    const auto& record = test_.refund_of(id, 1, RefundRecord::Kind::Refund, payment);
    const auto held = remembered(pick(CallersOnStaleReads::kCards));
    lose_a_reply_perhaps();
    const auto outcome = until_known([&](const CallOptions& options) {
      return store_.record_refund(record, RecordOptions(options).held(held));
    });
    if (!outcome) return report("a refund", outcome.error());
    const std::lock_guard lock(told_.mutex);
    if (const auto* recorded = outcome->recorded()) {
      told_.refunds[payment].push_back(recorded->change.version);
    } else {
      told_.wrong.push_back("a refund of a payment that was recorded: not recorded");
    }
  }

  void settle() {
    const auto user = test_.user_number(pick(CallersOnStaleReads::kUsers));
    const auto listed = run(store_.list_captures(user, stale()));
    if (!listed || listed->empty()) return;
    const auto id = (*listed)[pick(listed->size())].id;
    const auto held = remembered_context(user);
    lose_a_reply_perhaps();
    const auto settled = until_known([&](const CallOptions& options) {
      return store_.settle_capture(user, id, WriteOptions(options).held(held));
    });
    if (!settled && settled.error().code != ErrorCode::NotFound) return report("settling", settled.error());
    const std::lock_guard lock(told_.mutex);
    if (settled) {
      told_.left.insert(id);
    } else {
      told_.missing.insert(id);
    }
  }

  void authorize() {
    const auto user = test_.user_number(0);
    // A process that has not seen the session yet reads it.
    auto unseen = store::store_over(table_, test_.settings_, test_.clock_);
    const bool named = pick(2) == 0;
    if (named) lose_a_reply_perhaps();
    const auto left =
        named
            ? until_known([&](const CallOptions& options) { return unseen.authorize(user, "read", options); })
            : run((pick(2) == 0 ? unseen : store_).authorize(user, "read"));
    const std::lock_guard lock(told_.mutex);
    if (left) {
      told_.actions_left.insert(left->actions_left);
    } else if (left.error().code == ErrorCode::OutcomeUnknown) {
      ++told_.perhaps_spent;
    } else {
      wrong("an action", left.error());
    }
  }

  void grow() {
    const auto user = test_.user_number(pick(CallersOnStaleReads::kUsers));
    const auto by_one = [](Context& context) -> Result<void> {
      ++context.vault.oxo_balance;
      return {};
    };
    const bool named = pick(2) == 0;
    if (named) lose_a_reply_perhaps();
    const auto grown =
        named ? until_known([&](const CallOptions& options) { return store_.update(user, by_one, options); })
              : run(store_.update(user, by_one));
    const std::lock_guard lock(told_.mutex);
    if (grown) {
      ++told_.grown[user.text()];
    } else if (grown.error().code == ErrorCode::OutcomeUnknown) {
      ++told_.perhaps_grown[user.text()];
    } else {
      wrong("an update", grown.error());
    }
  }

  void remember_and_forget() {
    const auto user = test_.user_number(pick(CallersOnStaleReads::kUsers));
    const auto key = "own-" + std::to_string(++test_.unique_);
    const auto held = remembered_context(user);
    const auto value = *JsonText::parse("1");
    const auto remembered = until_known([&](const CallOptions& options) {
      return store_.remember(user, key, value, WriteOptions(options).held(held));
    });
    if (!remembered) return report("remembering", remembered.error());
    const auto forgotten = until_known([&](const CallOptions& options) {
      return store_.forget(user, key, WriteOptions(options).held(held));
    });
    if (!forgotten) report("forgetting what was remembered", forgotten.error());
  }

  void move_card() {
    const auto card = test_.card_number(pick(CallersOnStaleReads::kCards));
    const auto user = test_.user_number(pick(CallersOnStaleReads::kUsers));
    lose_a_reply_perhaps();
    const auto moved = until_known([&](const CallOptions& options) {
      return store_.link(card, user, "4242", LinkOptions(options).transfer());
    });
    if (!moved) return report("a transfer", moved.error());
    const auto own = test_.card("own-" + std::to_string(++test_.unique_));
    must(until_known([&](const CallOptions& options) { return store_.link(own, user, "1111", options); }));
    const auto unlinked =
        until_known([&](const CallOptions& options) { return store_.unlink(own, options); });
    if (!unlinked) report("unlinking what was linked", unlinked.error());
  }

  CallersOnStaleReads& test_;
  Told& told_;
  std::shared_ptr<HookedTable> table_;
  Store store_;
  std::mt19937_64 random_;
  HeldState last_held_;
};

namespace {

auto is_between(std::uint64_t least, std::uint64_t perhaps_more) {
  return ::testing::AllOf(::testing::Ge(least), ::testing::Le(least + perhaps_more));
}

}  // namespace

void CallersOnStaleReads::SetUp() {
  settings_.max_pending_captures = 3;
  use_settings(settings_);
  for (std::size_t number = 0; number < kUsers; ++number) must(run(store_.get_or_init(user_number(number))));
  for (std::size_t number = 0; number < kCards; ++number) {
    must(run(store_.link(card_number(number), user_number(number % kUsers), "4242")));
  }
  Session many = session();
  many.max_actions = kActions;
  must(run(store_.store_session(user_number(0), named(many))));
}

void CallersOnStaleReads::race_for(int steps) {
  race(kCallers, [&](int number) {
    StaleCaller caller(*this, number);
    for (int step = 0; step < steps; ++step) caller.step();
  });
}

void CallersOnStaleReads::expect_that_everything_is_accounted_for() {
  EXPECT_THAT(told_.wrong, ::testing::IsEmpty()) << "LOOPSTATE_STALE_SEED=" << stale_seed();
  for (const auto& payment : told_.payments) EXPECT_EQ(told_.payments.count(payment), 1u) << payment;

  std::set<std::string> pending;
  for (std::size_t number = 0; number < kUsers; ++number) {
    const auto name = user_number(number);
    for (const auto& capture : must(run(store_.list_captures(name)))) {
      pending.insert(capture.id);
      const auto& told = told_.captures[capture.id];
      EXPECT_EQ(told.user, name.text()) << capture.id;
      EXPECT_EQ(capture.refunded.minor_units, told_.refunds[told.payment].size()) << told.payment;
      EXPECT_FALSE(told_.missing.contains(capture.id)) << capture.id << " was said to be missing";
    }
    const auto grown = must(run(store_.fetch(name))).vault.oxo_balance;
    EXPECT_THAT(grown, is_between(told_.grown[name.text()], told_.perhaps_grown[name.text()])) << name.text();
  }
  for (const auto& [id, told] : told_.captures) {
    EXPECT_EQ(told_.left.count(id) + pending.count(id), 1u) << id << " of " << told.payment;
  }

  for (const auto& dropped : told_.dropped) {
    const auto before = [&](std::uint64_t version) { return version < dropped.version; };
    EXPECT_EQ(std::ranges::count_if(told_.refunds[told_.captures[dropped.id].payment], before),
              static_cast<std::ptrdiff_t>(dropped.refunded))
        << dropped.id;
  }

  const auto used = must(run(store_.get_session(user_number(0)))).actions_used;
  EXPECT_THAT(used, is_between(told_.actions_left.size(), told_.perhaps_spent));
  for (const auto left : told_.actions_left) {
    EXPECT_EQ(told_.actions_left.count(left), 1u) << left << " actions left";
    EXPECT_THAT(left, ::testing::AllOf(::testing::Ge(kActions - used), ::testing::Lt(kActions)));
  }
  std::vector<std::string> findings;
  must(run(store::check_table(
      store_, {}, clock_, [&](const store::CheckFinding& finding) { findings.push_back(finding.detail); },
      [](const store::CheckCounts&) {})));
  EXPECT_THAT(findings, ::testing::IsEmpty());
}

}  // namespace loopstate::testing
