// Ids that no two writes share: those of the writes themselves, and of the transactions that carry them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loopstate/clock.hpp"

namespace loopstate::store {

/// A fresh time-ordered id of 15 characters from `- 0-9 A-Z _ a-z` (ASCII order): 6 for the second, 9 random.
/// Two writes with one id would pass for one write and its repetition, so a forked child draws its own.
/// Thread-safe.
std::string new_write_id(Timestamp now);
/// The second in which new_write_id made this id; nothing if it did not.
std::optional<Timestamp> write_id_second(std::string_view id);

/// For Table::transact, one for each newly built transaction; the engine repeats under it.
/// Thread-safe.
std::string new_token();

/// Whether an id, including a caller's own, may contain this character.
bool is_id_char(char c) noexcept;

}  // namespace loopstate::store
