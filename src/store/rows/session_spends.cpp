#include "store/rows/session_spends.hpp"

#include <algorithm>

#include "store/rows/attributes.hpp"

namespace loopstate::store {
namespace {

// Past the end of any list of spends, which appends.
constexpr std::uint32_t kPastTheEnd = 10'000;

const table::List* spends_of(const table::Item& row) {
  const auto* value = row.find(attribute::kSpends);
  return value == nullptr ? nullptr : value->list();
}

}  // namespace

table::Change add_spend(std::string_view id) {
  return table::Change::set(table::Path(attribute::kSpends).at(kPastTheEnd), id);
}

table::Condition not_spent(std::string_view id) {
  return table::Condition::negate(table::Condition::contains(attribute::kSpends, id));
}

std::optional<std::uint64_t> spends_after(const table::Item& row, std::string_view id) {
  const auto* spends = spends_of(row);
  if (spends == nullptr) return std::nullopt;
  const auto found = std::ranges::find(*spends, table::Value(id));
  if (found == spends->end()) return std::nullopt;
  return static_cast<std::uint64_t>(spends->end() - found - 1);
}

table::UpdateItem trim_spends(const table::Item& row) {
  table::UpdateItem update{row.key, {}, {}};
  const auto* spends = spends_of(row);
  if (spends == nullptr || spends->size() <= kMaxSpends) return update;
  const auto gone = std::min(spends->size() - kKeptSpends, table::kMaxChanges);
  for (std::size_t i = 0; i < gone; ++i) {
    update.update.push_back(
        table::Change::remove(table::Path(attribute::kSpends).at(static_cast<std::uint32_t>(i))));
  }
  update.condition = table::Condition::equals(table::Path(attribute::kSpends).at(0), spends->front());
  return update;
}

}  // namespace loopstate::store
