// What somebody probably meant to type.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace loopstate {

/// How many characters must be added, left out, changed or swapped with their neighbour to turn one into the
/// other.
std::size_t typing_distance(std::string_view a, std::string_view b);

/// The candidate that `typed` is a slip of (one character for short words, two for others); nothing if none
/// is near enough. The word itself is no slip.
std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> candidates);

}  // namespace loopstate
