// The result of recording a report of a refund or a dispute.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "loopstate/detail/visitable.hpp"
#include "loopstate/money.hpp"
#include "loopstate/names.hpp"

namespace loopstate {

/// What became of a report of a refund: each alternative holds what belongs to it and nothing else.
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
    std::uint64_t version = 0;  ///< of the context, after the write
    Money changed = {};         ///< by how much the payment's refunded amount grew or fell
    /// The capture's new value while it is pending; nothing once it has been settled or has expired.
    std::optional<Money> refunded = {};
  };

  /// Nobody has recorded the payment. The report is remembered as long as a transaction: if the payment is
  /// recorded, added or marked after all, the amount taken back is deducted then.
  struct UnknownPayment {};
  /// The payment's refunded amount grew.
  struct Recorded {
    UserId user;
    Change change;
  };
  /// It fell: money that had been taken back stays after all.
  struct Undone {
    UserId user;
    Change change;
  };
  /// The report says nothing new.
  struct Duplicate {
    UserId user;
  };
  /// It is new but changes nothing by itself, such as a refund that failed before it was known.
  struct Noted {
    UserId user;
  };
  /// It is more than was paid and not yet refunded. What is left of the payment is deducted, and no more; the
  /// rest is only remembered.
  struct ExceedsPayment {
    UserId user;
    std::optional<Change> change;  ///< nothing if there was nothing left to deduct
  };
  /// It is not in the payment's currency: remembered, but not counted.
  struct OtherCurrency {
    UserId user;
    std::optional<Change> change;  ///< if it replaces a report that was counted
  };
  using Answer = std::variant<UnknownPayment, Recorded, Undone, Duplicate, Noted, ExceedsPayment,
                              OtherCurrency>;  ///< in the order of State

  RefundOutcome() = default;  ///< an unknown payment
  explicit RefundOutcome(Answer answer) : answer_(std::move(answer)) {}

  State state() const noexcept { return static_cast<State>(answer_.index()); }

  /// Null if the answer is another one. They live as long as the outcome.
  const Recorded* recorded() const noexcept { return std::get_if<Recorded>(&answer_); }
  const Undone* undone() const noexcept { return std::get_if<Undone>(&answer_); }
  const Duplicate* duplicate() const noexcept { return std::get_if<Duplicate>(&answer_); }
  const Noted* noted() const noexcept { return std::get_if<Noted>(&answer_); }
  const ExceedsPayment* exceeds_payment() const noexcept { return std::get_if<ExceedsPayment>(&answer_); }
  const OtherCurrency* other_currency() const noexcept { return std::get_if<OtherCurrency>(&answer_); }
  bool unknown_payment() const noexcept { return std::holds_alternative<UnknownPayment>(answer_); }

  /// Whose payment it is; null if the payment is unknown.
  const UserId* user() const noexcept {
    return visit([](const auto& answer) -> const UserId* {
      if constexpr (requires { answer.user; }) return &answer.user;
      return nullptr;
    });
  }

  /// How the payment changed, for any answer; null if it did not.
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
