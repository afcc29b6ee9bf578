// The JSON of answers that have no `to_json` of their own.
#pragma once

#include <string>
#include <vector>

#include "json/writer.hpp"
#include "loopstate/error.hpp"
#include "loopstate/store.hpp"

namespace loopstate::c {

inline std::string json_text(bool value) {
  return value ? "true" : "false";
}

/// [a,b,...] from what `to_json` returns for each.
template <typename T>
std::string json_list(const std::vector<T>& values) {
  std::string text = "[";
  for (const auto& value : values) {
    if (text.size() > 1) text += ',';
    text += to_json(value);
  }
  return text + "]";
}

/// {"code":...,"message":...,"retryable":...}, and "conflict" if there is one.
std::string error_json(const Error& error);
/// The card with `recorded`, `dropped` and `version`.
std::string linked_json(const LinkedCard& card);

}  // namespace loopstate::c
