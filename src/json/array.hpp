// Lists of what knows its own JSON.
#pragma once

#include <string>
#include <vector>

namespace loopstate::json {

/// [a,b,...] from the JSON that `each` makes of every value.
template <typename T, typename Each>
std::string array(const std::vector<T>& values, Each each) {
  std::string text = "[";
  for (const auto& value : values) {
    if (text.size() > 1) text += ',';
    text += each(value);
  }
  return text + "]";
}
/// From what `to_json` returns for each.
template <typename T>
std::string array(const std::vector<T>& values) {
  return array(values, [](const T& value) { return to_json(value); });
}

}  // namespace loopstate::json
