#include "base/nearest.hpp"

#include <algorithm>
#include <vector>

namespace loopstate {
namespace {

constexpr std::size_t kShortWord = 4;
/// Longer ones are no slips of a word, and would take long to compare.
constexpr std::size_t kLongestWord = 64;

std::size_t slips_allowed(std::string_view typed) {
  return typed.size() < kShortWord ? 1 : 2;
}

}  // namespace

std::size_t typing_distance(std::string_view a, std::string_view b) {
  // Rows of the usual matrix: the one before the last is needed for swapped neighbours.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({changed, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> candidates) {
  if (typed.empty() || typed.size() > kLongestWord) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = slips_allowed(typed) + 1;
  for (const auto& candidate : candidates) {
    if (candidate.size() > kLongestWord) continue;
    const auto distance = typing_distance(typed, candidate);
    // A word of which nothing is left was not meant.
    if (distance == 0 || distance >= best_distance || distance >= candidate.size()) continue;
    best_distance = distance;
    best = candidate;
  }
  return best;
}

}  // namespace loopstate
