// The pepper and the store must belong together: a card is found only under the pepper with which it was
// linked. The store's check value (webhook/pepper_check.hpp) says which that is, and a pepper that is neither
// it nor its declared successor is refused, instead of making every card unknown.
#pragma once

#include <optional>
#include <string>

#include "agent/settings.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/pepper.hpp"
#include "loopstate/store.hpp"
#include "loopstate/task.hpp"

namespace loopstate::agent {

/// The check values of the peppers that are set, under a row's salt.
struct PepperChecks {
  std::string current;
  std::string previous;  ///< empty: none is set
};

struct PepperVerdict {
  std::optional<PepperRecord> next;  ///< what to write; nothing: the row stays
  PepperRecord stands;               ///< the row once that is written
  std::string said;                  ///< one sentence
  bool warns = false;                ///< it asks for something to be done
};

/// Whether nobody has changed the row.
bool same_pepper(const PepperRecord& a, const PepperRecord& b);

/// Pure. InvalidArgument: the peppers are not this store's, with what to do about it.
Result<PepperVerdict> judge_pepper(const std::optional<PepperRecord>& row, const PepperChecks& checks,
                                   std::string_view salt, Timestamp now);

enum class PepperMode : bool {
  Look,  ///< say what would be done, and write nothing
  Settle
};

/// For settings with a pepper. Reads the store's row, judges, and writes what follows from it: the first
/// pepper, or the next one with the one before beside it. InvalidArgument as above; CorruptItem; the errors
/// of the engine. One request if the pepper is the known one.
Task<Result<PepperVerdict>> settle_pepper(Store store, SettingsPtr settings, PepperMode mode, Timestamp now,
                                          CallOptions options);

}  // namespace loopstate::agent
