#include "store/refunded_capture.hpp"

#include <algorithm>

#include "store/attributes.hpp"

namespace loopstate::store {
namespace {

bool in_ring(const UserView& view, const std::string& id) {
  return std::ranges::find(*view.ring, id) != view.ring->end();
}

table::Condition same_total(std::uint64_t total) {
  if (total == 0) return table::Condition::absent(attribute::kRefundedCents);
  return table::Condition::equals(attribute::kRefundedCents, table::Value::number(total));
}

}  // namespace

const Capture* pending_capture(const UserView& view, const std::optional<std::string>& id) {
  if (!id || !view.ring || !in_ring(view, *id)) return nullptr;
  const auto row = view.rows.find(*id);
  return row == view.rows.end() ? nullptr : &row->second;
}

bool lacks_capture(const UserView& view, const std::optional<std::string>& id) {
  if (!view.ring) return true;
  return id && in_ring(view, *id) && !view.rows.contains(*id);
}

table::UpdateItem set_refunded(table::Key key, std::uint64_t before, std::uint64_t after) {
  table::Update update;
  update.push_back(table::Change::set(attribute::kRefundedCents, table::Value::number(after)));
  return table::UpdateItem{std::move(key), std::move(update), same_total(before)};
}

}  // namespace loopstate::store
