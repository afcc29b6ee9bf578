// The JSON of answers that have no `to_json` of their own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/array.hpp"
#include "json/writer.hpp"
#include "loopstate/error.hpp"
#include "loopstate/store.hpp"

namespace loopstate::c {

inline std::string json_text(bool value) {
  return value ? "true" : "false";
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

/// As the value of the member that was begun.
void write_collections(json::Writer& json, const std::vector<CollectionInfo>& collections);

}  // namespace loopstate::c
