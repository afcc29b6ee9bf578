// The JSON of answers that have no `to_json` of their own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/writer.hpp"
#include "loopstate/error.hpp"
#include "loopstate/store.hpp"

namespace loopstate::c {

inline std::string json_text(bool value) {
  return value ? "true" : "false";
}

/// [a,b,...] from the JSON that `each` makes of every value.
template <typename T, typename Each>
std::string json_list(const std::vector<T>& values, Each each) {
  std::string text = "[";
  for (const auto& value : values) {
    if (text.size() > 1) text += ',';
    text += each(value);
  }
  return text + "]";
}
template <typename T>
std::string json_list(const std::vector<T>& values) {
  return json_list(values, [](const T& value) { return to_json(value); });
}

/// {"code":...,"message":...,"retryable":...}, and "conflict" if there is one.
std::string error_json(const Error& error);
/// The card with `recorded`, `dropped` and `version`.
std::string linked_json(const LinkedCard& card);
std::string record_json(const ProcessedTransaction& record);
/// As members of the object that is being written: `amount_cents`, and `currency` if it is known.
void write_amount(json::Writer& json, const Money& money);
/// Nothing at all for `Timestamp{}`.
void write_time(json::Writer& json, std::string_view member, Timestamp time);

}  // namespace loopstate::c
