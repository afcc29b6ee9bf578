// Ids as text, one per line: one string is read and sent several times as fast as a list of the same ids.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::store {

/// No id may contain this character.
inline constexpr char kIdEnd = '\n';

/// "a\nb\n" for the ids a and b; empty for none.
std::string id_lines(const std::vector<std::string>& ids);

/// "a\n": what the lines begin with if `id` is the first of them.
std::string id_line(std::string_view id);

/// The ids of an attribute that may be absent. CorruptItem if it is not such text.
Result<std::optional<std::vector<std::string>>> read_id_lines(const table::Item& row, std::string_view name);

}  // namespace loopstate::store
