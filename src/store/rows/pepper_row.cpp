#include "store/rows/pepper_row.hpp"

#include <utility>
#include <vector>

#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate::store {

Result<PepperRecord> pepper_from_row(const table::Item& row) {
  PepperRecord pepper;
  TRY(pepper.salt, need_string(row, attribute::kSalt));
  TRY(pepper.current, need_string(row, attribute::kCurrent));
  if (row.find(attribute::kPrevious) != nullptr) {
    TRY(pepper.previous, need_string(row, attribute::kPrevious));
  }
  TRY(pepper.since, need_time(row, attribute::kSince));
  return pepper;
}

table::Put put_pepper(const std::optional<PepperRecord>& before, const PepperRecord& next) {
  table::Item row;
  row.key = pepper_key();
  auto& attributes = row.attributes;
  attributes.set(std::string(attribute::kSalt), next.salt);
  attributes.set(std::string(attribute::kCurrent), next.current);
  if (!next.previous.empty()) attributes.set(std::string(attribute::kPrevious), next.previous);
  attributes.set(std::string(attribute::kSince), table::Value::time(next.since));
  if (!before) return table::Put{std::move(row), table::Condition::item_absent()};
  std::vector<table::Condition> same;
  same.push_back(table::Condition::equals(attribute::kSalt, table::Value(before->salt)));
  same.push_back(table::Condition::equals(attribute::kCurrent, table::Value(before->current)));
  same.push_back(before->previous.empty()
                     ? table::Condition::absent(attribute::kPrevious)
                     : table::Condition::equals(attribute::kPrevious, table::Value(before->previous)));
  return table::Put{std::move(row), table::Condition::all_of(std::move(same))};
}

}  // namespace loopstate::store
