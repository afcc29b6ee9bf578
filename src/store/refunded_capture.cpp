#include "store/refunded_capture.hpp"

#include <algorithm>

#include "store/attributes.hpp"

namespace loopstate::store {
namespace {

bool in_ring(const UserView& view, const std::string& id) {
  return std::ranges::find(*view.ring, id) != view.ring->end();
}

}  // namespace

table::Condition same_refunded(std::uint64_t cents) {
  auto same = cents == 0 ? table::Condition::absent(attribute::kRefundedCents)
                         : table::Condition::equals(attribute::kRefundedCents, table::Value::number(cents));
  return table::Condition::all_of({table::Condition::item_exists(), std::move(same)});
}

const Capture* pending_capture(const UserView& view, const std::optional<std::string>& id) {
  if (!id || !view.ring || !in_ring(view, *id)) return nullptr;
  const auto row = view.rows.find(*id);
  return row == view.rows.end() ? nullptr : &row->second;
}

bool lacks_capture(const UserView& view, const std::optional<std::string>& id) {
  if (!view.ring) return true;
  return id && in_ring(view, *id) && !view.rows.contains(*id);
}

std::uint64_t refunded_after(const Capture& capture, std::uint64_t before, std::uint64_t after) {
  if (after < before) return capture.refunded_cents - std::min(capture.refunded_cents, before - after);
  const auto left = capture.amount_cents - std::min(capture.amount_cents, capture.refunded_cents);
  return capture.refunded_cents + std::min(left, after - before);
}

table::UpdateItem set_refunded(table::Key key, std::uint64_t before, std::uint64_t after) {
  table::Update update;
  // Nothing refunded is no attribute, as in a row of which nothing ever was.
  update.push_back(after == 0 ? table::Change::remove(attribute::kRefundedCents)
                              : table::Change::set(attribute::kRefundedCents, table::Value::number(after)));
  return table::UpdateItem{std::move(key), std::move(update), same_refunded(before)};
}

}  // namespace loopstate::store
