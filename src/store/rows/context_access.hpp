// What a context carries along from its stored row, hidden from users of the library.
#pragma once

#include "loopstate/context.hpp"

namespace loopstate::store {

struct ContextAccess {
  using Row = Context::Row;
  static Row& row(Context& context) noexcept { return context.row_; }
  static const Row& row(const Context& context) noexcept { return context.row_; }
};

using ContextRow = ContextAccess::Row;

inline ContextRow& row_of(Context& context) noexcept {
  return ContextAccess::row(context);
}
inline const ContextRow& row_of(const Context& context) noexcept {
  return ContextAccess::row(context);
}

}  // namespace loopstate::store
