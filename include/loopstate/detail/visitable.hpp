// `visit` of the outcomes.
#pragma once

#include <utility>
#include <variant>

namespace loopstate {

/// What the outcomes of calls have in common: one of several answers, kept in a variant `answer_` to which an
/// outcome makes this class a friend.
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
