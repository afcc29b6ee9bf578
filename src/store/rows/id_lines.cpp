#include "store/rows/id_lines.hpp"
#include "store/rows/read_row.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace loopstate::store {

std::string id_lines(const std::vector<std::string>& ids) {
  std::size_t bytes = 0;
  for (const auto& id : ids) bytes += id.size() + 1;
  std::string lines;
  lines.reserve(bytes);
  for (const auto& id : ids) lines.append(id).push_back(kIdEnd);
  return lines;
}

std::string id_line(std::string_view id) {
  std::string line(id);
  line.push_back(kIdEnd);
  return line;
}

Result<std::optional<std::vector<std::string>>> read_id_lines(const table::Item& row, std::string_view name) {
  const auto* value = row.find(name);
  if (value == nullptr) return std::nullopt;
  const auto* lines = value->string();
  if (lines == nullptr) return corrupt(row.key, fmt::format("attribute {} is not a string", name));
  if (!lines->empty() && lines->back() != kIdEnd) {
    return corrupt(row.key, fmt::format("attribute {} ends within a line", name));
  }
  std::vector<std::string> ids;
  ids.reserve(static_cast<std::size_t>(std::ranges::count(*lines, kIdEnd)));
  for (std::size_t at = 0; at < lines->size();) {
    const auto end = lines->find(kIdEnd, at);
    ids.emplace_back(*lines, at, end - at);
    at = end + 1;
  }
  return ids;
}

}  // namespace loopstate::store
