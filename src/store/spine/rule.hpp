// How a rule that writes arrives at its answer. The rule itself is a pure function, from what is known to
// what is to be done; reading, writing and retrying are here, once for all rules.
//
//   known --plan--> Write:   one transaction. Applied: its answer. Refused: the refusals show the new state
//                   Settled: the answer, without a write
//                   Read:    what is known does not suffice
//
// A read may be stale, since a write whose conditions cover what was read is refused at worst. Any other
// answer based on a stale read, a refusal by the rules included, is confirmed first: what was read is
// forgotten and read again, strongly.
#pragma once

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/try.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/request.hpp"
#include "store/spine/steps.hpp"

namespace loopstate::store {

/// What is known is not enough.
struct Read {
  /// MayBeStale if what is read usually leads to a write whose conditions cover all of it: then a stale read
  /// costs a request and nothing else. What usually is the answer itself, or is covered by no condition, is
  /// read strongly at once.
  table::Consistency consistency = table::Consistency::Strong;
};

/// Nothing is to be written.
template <typename Answer>
struct Settled {
  Answer answer;
  /// What is stored shows that no earlier call under the caller's request id made the write.
  bool is_first = false;
};

/// All of it or nothing; if all, this is the answer.
template <typename Answer>
struct Write {
  Steps steps;
  Answer answer;
  std::string user;  ///< whose data the answer may hold; empty: nobody's
};

template <typename Answer>
using Plan = std::variant<Read, Settled<Answer>, Write<Answer>>;

/// `Known`: what a rule knows about the table, from its own reads, refusals, or what its caller holds.
template <typename Known, typename Answer>
struct Rule {
  std::string subject;  ///< what is written, for the message that it kept changing: "the state of user U1"
  /// Pure. An error ends the call.
  std::function<Result<Plan<Answer>>(const Known& known)> plan;
  /// Reads what is missing, or everything again if nothing is; `call` says how.
  std::function<Task<Result<Known>>(Known known, table::Call call)> read;
  /// Takes in what the refusals of a transaction show. An error ends the call.
  std::function<Result<void>(Known& known, const Refusals& refusals)> learn;
  /// What is kept for repetitions of the call under its request id; if not set, the answer itself.
  std::function<std::string(const Answer& answer)> keep;
  Patience patience = Patience::Attempts;
};

/// This many reads in a row must be enough for a plan.
inline constexpr int kMaxReadings = 4;

template <typename Known, typename Answer>
std::string kept_answer(const Rule<Known, Answer>& rule, const WriteCall& call, const Answer& answer) {
  if (!call.request) return {};
  if (rule.keep) return rule.keep(answer);
  if constexpr (requires { encode_answer(answer); }) {
    return encode_answer(answer);
  } else {
    return {};
  }
}

/// What a call knows so far.
template <typename Known>
struct Knowledge {
  Known known;
  /// Set if `known` contains anything from a read that may be stale: what was known before that read.
  std::optional<Known> before_stale;
  bool reads_strongly = false;

  bool may_be_stale() const noexcept { return before_stale.has_value(); }
  /// Of the next read.
  table::Consistency consistency(const Read& read) {
    const auto how = reads_strongly ? table::Consistency::Strong : read.consistency;
    if (how == table::Consistency::MayBeStale && !before_stale) before_stale = known;
    return how;
  }
  /// Forgets what may be stale.
  void begin_anew() {
    known = std::move(*before_stale);
    before_stale.reset();
    reads_strongly = true;
  }
};

/// Whether the call ends with that, without a write.
template <typename Answer>
bool is_answer(const Result<Plan<Answer>>& plan) {
  return !plan || std::holds_alternative<Settled<Answer>>(*plan);
}

/// Reads until there is a plan: a write, or an answer based on nothing that may be stale.
template <typename Known, typename Answer>
Task<Result<Plan<Answer>>> make_plan(const Rule<Known, Answer>* rule, Knowledge<Known>* all,
                                     table::Call call) {
  auto plan = rule->plan(all->known);
  for (int readings = 0;; ++readings) {
    if (is_answer(plan) && all->may_be_stale()) {
      all->begin_anew();
      plan = rule->plan(all->known);
      readings = 0;
    }
    const auto* read = plan ? std::get_if<Read>(&*plan) : nullptr;
    if (read == nullptr) co_return plan;
    if (readings == kMaxReadings) {
      co_return fail(ErrorCode::Internal,
                     fmt::format("no plan for {} although everything was read", rule->subject));
    }
    call.consistency = all->consistency(*read);
    auto reading = rule->read(std::move(all->known), call);
    auto known = co_await std::move(reading);
    if (!known) {
      if (!is_refusal(known.error().code)) co_return std::unexpected(std::move(known.error()));
      plan = std::unexpected(std::move(known.error()));
      continue;
    }
    all->known = std::move(*known);
    plan = rule->plan(all->known);
  }
}

/// Runs inside `once` (request.hpp). The errors of `plan` and `learn`; Unavailable if others kept
/// writing.
template <typename Known, typename Answer>
Task<Result<Answer>> run_rule(CorePtr core, Rule<Known, Answer> rule, Known known, WriteCall call) {
  Knowledge<Known> all;
  all.known = std::move(known);
  Attempts attempts(rule.subject, call.call.deadline, rule.patience);
  while (attempts.left()) {
    CO_TRY_OK(co_await attempts.next());
    CO_TRY(auto plan, co_await make_plan(&rule, &all, call.call));
    if (auto* settled = std::get_if<Settled<Answer>>(&plan)) {
      if (call.request && settled->is_first) call.request->is_first = true;
      co_return std::move(settled->answer);
    }
    auto& write = std::get<Write<Answer>>(plan);
    auto kept = kept_answer(rule, call, write.answer);
    const auto lost = write.steps.lost();
    auto writing = transact_steps(core, std::move(write.steps), call, std::move(write.user), std::move(kept));
    auto outcome = co_await std::move(writing);
    if (!outcome && all.may_be_stale() && is_refusal(outcome.error().code)) {
      all.begin_anew();  // it may fit what is stored now
      continue;
    }
    if (!outcome) co_return std::unexpected(std::move(outcome.error()));
    if (outcome->applied) {
      core->captures_dropped.fetch_add(lost.dropped, std::memory_order_relaxed);
      core->captures_expired.fetch_add(lost.expired, std::memory_order_relaxed);
      co_return std::move(write.answer);
    }
    all.reads_strongly = all.reads_strongly || all.may_be_stale();
    if (outcome->refusals.refused(Role::Context)) core->conflicts.fetch_add(1, std::memory_order_relaxed);
    CO_TRY_OK(rule.learn(all.known, outcome->refusals));
  }
  co_return attempts.gave_up();
}

}  // namespace loopstate::store
