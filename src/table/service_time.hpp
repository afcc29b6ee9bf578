// The time according to a table's server, for work on whole tables that brings its own clock.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "loopstate/clock.hpp"
#include "table/table.hpp"

namespace loopstate::table {

/// This machine's clock, corrected by the first of these tables whose replies show it to be wrong.
/// May be used from several threads.
class ServiceTime final : public Clock {
 public:
  explicit ServiceTime(std::vector<std::shared_ptr<Table>> tables, const Clock& clock = system_clock())
      : tables_(std::move(tables)), clock_(clock) {}

  Timestamp now() const override;

  /// Asks each table for an item, so that even the first answer that matters uses the right time, and returns
  /// that time. Whatever fails here will fail again where it matters.
  Task<Timestamp> learn(Deadline deadline) const;

 private:
  std::vector<std::shared_ptr<Table>> tables_;
  const Clock& clock_;
};

}  // namespace loopstate::table
