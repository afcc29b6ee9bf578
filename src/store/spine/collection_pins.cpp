#include "store/spine/collection_pins.hpp"

namespace loopstate::store {
namespace {

// Once this many are known, all are forgotten: whichever comes again is read again.
constexpr std::size_t kMaxCollections = 4096;

}  // namespace

std::optional<CollectionRow> CollectionPins::find(const CollectionPlace& place) {
  const std::lock_guard lock(mutex_);
  const auto found = pins_.find({place.user, place.collection});
  if (found == pins_.end()) return std::nullopt;
  return found->second;
}

void CollectionPins::keep(const CollectionPlace& place, CollectionRow row) {
  const std::lock_guard lock(mutex_);
  const Name name{place.user, place.collection};
  if (pins_.size() >= kMaxCollections && !pins_.contains(name)) pins_.clear();
  pins_.insert_or_assign(name, std::move(row));
}

void CollectionPins::forget(const CollectionPlace& place) {
  const std::lock_guard lock(mutex_);
  pins_.erase({place.user, place.collection});
}

}  // namespace loopstate::store
