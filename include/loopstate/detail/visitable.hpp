// `visit` of the outcomes.
#pragma once

#include <utility>
#include <variant>

namespace loopstate {

/// What the outcomes of calls share: one of several answers, kept in a variant `answer_`, which this class
/// reads as a friend of the outcome.
template <typename Outcome>
class Visitable {
 public:
  /// Calls the visitor with the answer, as std::visit does.
  template <typename Visitor>
  decltype(auto) visit(Visitor&& visitor) const& {
    return std::visit(std::forward<Visitor>(visitor), static_cast<const Outcome&>(*this).answer_);
  }
  template <typename Visitor>
  decltype(auto) visit(Visitor&& visitor) && {
    return std::visit(std::forward<Visitor>(visitor), std::move(static_cast<Outcome&>(*this).answer_));
  }

 private:
  friend Outcome;
  Visitable() = default;
};

}  // namespace loopstate
