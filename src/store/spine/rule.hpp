// How a rule that writes arrives at its answer. The rule itself is a pure function, from what is known to
// what is to be done; reading, writing and retrying are here, once for all rules.
//
//   known --plan--> Write:   one transaction. Applied: its answer. Refused: the refusals show the new state
//                   Settled: the answer, without a write
//                   Read:    what is known does not suffice
#pragma once

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "base/try.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/request.hpp"
#include "store/spine/steps.hpp"

namespace loopstate::store {

/// What is known is not enough.
struct Read {};

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
  /// Reads what is missing, or everything again if nothing is.
  std::function<Task<Result<Known>>(Known known)> read;
  /// Takes in what the refusals of a transaction show. An error ends the call.
  std::function<Result<void>(Known& known, const Refusals& refusals)> learn;
  /// What is kept for repetitions of the call under its request id; if not set, the answer itself.
  std::function<std::string(const Answer& answer)> keep;
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

/// Runs inside `once` (request.hpp). The errors of `plan` and `learn`; Unavailable if others kept
/// writing.
template <typename Known, typename Answer>
Task<Result<Answer>> run_rule(CorePtr core, Rule<Known, Answer> rule, Known known, WriteCall call) {
  Attempts attempts(rule.subject, call.call.deadline);
  while (attempts.left()) {
    CO_TRY_OK(co_await attempts.next());
    CO_TRY(auto plan, rule.plan(known));
    for (int readings = 0; std::holds_alternative<Read>(plan); ++readings) {
      if (readings == kMaxReadings) {
        co_return fail(ErrorCode::Internal,
                       fmt::format("no plan for {} although everything was read", rule.subject));
      }
      auto reading = rule.read(std::move(known));
      CO_TRY(known, co_await std::move(reading));
      CO_TRY(plan, rule.plan(known));
    }
    if (auto* settled = std::get_if<Settled<Answer>>(&plan)) {
      if (call.request && settled->is_first) call.request->is_first = true;
      co_return std::move(settled->answer);
    }
    auto& write = std::get<Write<Answer>>(plan);
    auto kept = kept_answer(rule, call, write.answer);
    CO_TRY(auto outcome, co_await transact_steps(core, std::move(write.steps), call, std::move(write.user),
                                                 std::move(kept)));
    if (outcome.applied) co_return std::move(write.answer);
    if (outcome.refusals.refused(Role::Context)) core->conflicts.fetch_add(1, std::memory_order_relaxed);
    CO_TRY_OK(rule.learn(known, outcome.refusals));
  }
  co_return attempts.gave_up();
}

}  // namespace loopstate::store
