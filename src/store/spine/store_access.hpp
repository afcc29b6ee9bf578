// A store over a table that is already open, and the table below a store: for engines' own commands and for
// tests. Programs use Store::open.
#pragma once

#include <memory>

#include "loopstate/store.hpp"
#include "table/table.hpp"

namespace loopstate::store {

struct StoreAccess {
  /// The clock must outlive the store. With settings out of range every call is refused with
  /// InvalidArgument.
  static Store over(std::shared_ptr<table::Table> table, StoreSettings settings, const Clock& clock);
  static const std::shared_ptr<Core>& core(const Store& store) noexcept { return store.core_; }
};

inline Store store_over(std::shared_ptr<table::Table> table, StoreSettings settings = {},
                        const Clock& clock = system_clock()) {
  return StoreAccess::over(std::move(table), settings, clock);
}

/// For export, import, copy and check.
const std::shared_ptr<table::Table>& table_of(const Store& store) noexcept;

}  // namespace loopstate::store
