#include "c/open_store.hpp"

#include <fmt/format.h>

#include <array>
#include <random>

#include "base/try.hpp"

namespace loopstate::c {
namespace {

// A handle is a serial number, and below it the place of its slot. The slot's state is the serial number of
// the store in it, 0 for none, and below it whether it takes calls, and how many are in progress. No lock: a
// child of fork() would find one that was taken.
constexpr unsigned kPlaceBits = 16;
constexpr unsigned kUseBits = 24;
constexpr std::uint64_t kUses = (std::uint64_t{1} << (kUseBits - 1)) - 1;
constexpr std::uint64_t kTakesCalls = kUses + 1;
constexpr std::uint64_t kMaxSerial = (std::uint64_t{1} << (64 - kUseBits)) - 1;

struct alignas(64) Slot {
  std::atomic<std::uint64_t> state{0};
  std::unique_ptr<OpenStore> store;  // who changed the state from or to 0 may change it
};

Slot* all_slots() {
  static auto* const slots = new std::array<Slot, kMaxOpenStores>;  // outlives whatever closes at exit
  return slots->data();
}

/// Of a store never opened before. They begin anywhere, so that a number from elsewhere is no handle.
std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> next = [] {
    std::random_device device;
    return std::uint64_t{device()} << 6;
  }();
  return next++ % kMaxSerial + 1;
}

std::unexpected<Error> no_such_store() {
  return fail(ErrorCode::InvalidArgument, "no open store has this handle: it was closed, or never opened");
}

struct Found {
  Slot* slot = nullptr;
  std::uint64_t serial = 0;
};

Result<Found> find_slot(std::uint64_t handle) {
  const auto place = handle & ((std::uint64_t{1} << kPlaceBits) - 1);
  const auto serial = handle >> kPlaceBits;
  if (serial == 0 || place >= kMaxOpenStores) return no_such_store();
  return Found{all_slots() + place, serial};
}

/// Nothing may be in progress there any more.
void empty_slot(Slot& slot) {
  const auto closing = std::move(slot.store);
  slot.state = 0;
}

}  // namespace

Result<std::uint64_t> give_handle(std::unique_ptr<OpenStore> store) {
  const auto serial = next_serial();
  Slot* const slots = all_slots();
  for (std::uint64_t place = 0; place < kMaxOpenStores; ++place) {
    std::uint64_t expected = 0;
    if (!slots[place].state.compare_exchange_strong(expected, serial << kUseBits)) continue;
    slots[place].store = std::move(store);
    slots[place].state = serial << kUseBits | kTakesCalls;
    return serial << kPlaceBits | place;
  }
  return fail(ErrorCode::Unavailable,
              fmt::format("{} stores are open, which is as many as can be; close some", kMaxOpenStores));
}

Result<InUse> InUse::begin(std::uint64_t handle) {
  TRY(const auto found, find_slot(handle));
  auto& state = found.slot->state;
  auto seen = state.load(std::memory_order_acquire);
  do {
    if (seen >> kUseBits != found.serial || (seen & kTakesCalls) == 0) return no_such_store();
  } while (!state.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel));
  InUse use(found.slot);
  TRY_OK((*use).fork.check());
  return use;
}

InUse::~InUse() {
  if (slot_ == nullptr) return;
  auto& state = static_cast<Slot*>(slot_)->state;
  const auto before = state.fetch_sub(1, std::memory_order_acq_rel);
  if ((before & kTakesCalls) == 0) state.notify_all();
}

OpenStore& InUse::operator*() const noexcept {
  return *static_cast<Slot*>(slot_)->store;
}

Result<void> close_handle(std::uint64_t handle) {
  TRY(const auto found, find_slot(handle));
  auto& state = found.slot->state;
  auto seen = state.load(std::memory_order_acquire);
  do {
    if (seen >> kUseBits != found.serial || (seen & kTakesCalls) == 0) return no_such_store();
  } while (!state.compare_exchange_weak(seen, seen & ~kTakesCalls, std::memory_order_acq_rel));
  if (!found.slot->store->fork.check()) {
    // Calls that were in progress never end here, and the rest is the parent's as well.
    static_cast<void>(found.slot->store.release());
    state = 0;
    return {};
  }
  for (seen = state.load(std::memory_order_acquire); (seen & kUses) != 0; seen = state.load())
    state.wait(seen);
  found.slot->store->streams.end_all(found.slot->store->settings.store.default_timeout);
  empty_slot(*found.slot);
  return {};
}

}  // namespace loopstate::c
