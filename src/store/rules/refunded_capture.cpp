#include "store/rules/refunded_capture.hpp"

#include <algorithm>

namespace loopstate::store {
namespace {

bool in_ring(const UserView& view, const std::string& id) {
  return std::ranges::find(*view.ring, id) != view.ring->end();
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

std::uint64_t refunded_after(const Capture& capture, std::uint64_t before, std::uint64_t after) {
  const auto refunded = capture.refunded.minor_units;
  if (after < before) return refunded - std::min(refunded, before - after);
  const auto left = capture.amount.minor_units - std::min(capture.amount.minor_units, refunded);
  return refunded + std::min(left, after - before);
}

}  // namespace loopstate::store
