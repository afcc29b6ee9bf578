// The time by a table's server, for work on whole tables that brings its own clock.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "loopstate/clock.hpp"
#include "table/table.hpp"

namespace loopstate::table {

/// This machine's clock, corrected by what the replies of the first of these tables that corrects it show.
/// May be used from several threads.
class ServiceTime final : public Clock {
 public:
  explicit ServiceTime(std::vector<std::shared_ptr<Table>> tables, const Clock& clock = system_clock())
      : tables_(std::move(tables)), clock_(clock) {}

  Timestamp now() const override;

  /// Asks each table for an item, so that the first answer that counts goes by the right time already, and
  /// says what time it is. What fails here will fail again where it matters.
  Task<Timestamp> learn(Deadline deadline) const;

 private:
  std::vector<std::shared_ptr<Table>> tables_;
  const Clock& clock_;
};

}  // namespace loopstate::table
