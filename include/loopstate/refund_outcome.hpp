// What a report of a refund or a dispute came to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "loopstate/detail/visitable.hpp"

namespace loopstate {

/// What became of a report of a refund: each answer has what it knows and nothing else.
class RefundOutcome : public Visitable<RefundOutcome> {
 public:
  enum class State : std::uint8_t {
    UnknownPayment,
    Recorded,
    Undone,
    Duplicate,
    Noted,
    ExceedsPayment,
    OtherCurrency
  };

  /// How the report changed the payment.
  struct Change {
    std::uint64_t version = 0;        ///< of the context after
    std::uint64_t changed_cents = 0;  ///< by how much the payment's refunded amount grew or fell
    /// Of the capture after, while it is pending; nothing once it was settled or is over.
    std::optional<std::uint64_t> refunded_cents = {};
  };

  /// Nobody has recorded the payment. The report is remembered as long as a transaction: when the payment is
  /// recorded, added or marked after all, what was taken back comes off.
  struct UnknownPayment {};
  /// The payment's refunded amount grew.
  struct Recorded {
    std::string user;
    Change change;
  };
  /// It fell: money that was taken back stays after all.
  struct Undone {
    std::string user;
    Change change;
  };
  /// The report tells nothing new.
  struct Duplicate {
    std::string user;
  };
  /// It is new, and changes nothing by itself, as a refund that failed before it was known.
  struct Noted {
    std::string user;
  };
  /// It is more than was paid and not yet refunded. What was paid is taken off, and no more; the rest is only
  /// remembered.
  struct ExceedsPayment {
    std::string user;
    std::optional<Change> change;  ///< nothing where nothing was left to take off
  };
  /// It is not in the payment's currency: remembered, and not counted.
  struct OtherCurrency {
    std::string user;
    std::optional<Change> change;  ///< where it replaces a report that was counted
  };
  using Answer = std::variant<UnknownPayment, Recorded, Undone, Duplicate, Noted, ExceedsPayment,
                              OtherCurrency>;  ///< in the order of State

  RefundOutcome() = default;  ///< an unknown payment
  explicit RefundOutcome(Answer answer) : answer_(std::move(answer)) {}

  State state() const noexcept { return static_cast<State>(answer_.index()); }

  /// Null where the answer is another. They live as long as the outcome.
  const Recorded* recorded() const noexcept { return std::get_if<Recorded>(&answer_); }
  const Undone* undone() const noexcept { return std::get_if<Undone>(&answer_); }
  const Duplicate* duplicate() const noexcept { return std::get_if<Duplicate>(&answer_); }
  const Noted* noted() const noexcept { return std::get_if<Noted>(&answer_); }
  const ExceedsPayment* exceeds_payment() const noexcept { return std::get_if<ExceedsPayment>(&answer_); }
  const OtherCurrency* other_currency() const noexcept { return std::get_if<OtherCurrency>(&answer_); }
  bool unknown_payment() const noexcept { return std::holds_alternative<UnknownPayment>(answer_); }

  /// Whose payment it is; null where the payment is unknown.
  const std::string* user() const noexcept {
    return visit([](const auto& answer) -> const std::string* {
      if constexpr (requires { answer.user; }) return &answer.user;
      return nullptr;
    });
  }

  /// How the payment changed, whatever the answer; null where it is as before.
  const Change* change() const noexcept {
    if (const auto* grown = recorded()) return &grown->change;
    if (const auto* fallen = undone()) return &fallen->change;
    if (const auto* most = exceeds_payment(); most != nullptr && most->change) return &*most->change;
    if (const auto* other = other_currency(); other != nullptr && other->change) return &*other->change;
    return nullptr;
  }

 private:
  friend class Visitable<RefundOutcome>;
  Answer answer_;
};

}  // namespace loopstate
