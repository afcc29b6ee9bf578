// What an erasure would remove, without removing it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "loopstate/names.hpp"
#include "loopstate/store.hpp"
#include "loopstate/task.hpp"

namespace loopstate::cli {

struct ErasePreview {
  bool context = false;
  bool session = false;
  bool location = false;
  std::uint64_t captures = 0;
  std::uint64_t cards = 0;
  std::uint64_t documents = 0;
  std::uint64_t other_items = 0;   ///< of the user's partition, and kept answers that a scan finds
  std::uint64_t transactions = 0;  ///< only a scan counts them
  std::uint64_t unreadable = 0;

  /// "a context, 2 cards, 3 captures"; "nothing".
  std::string text() const;
  std::uint64_t items() const;
};

/// Reads the user's partition; with `scan` also the rest of the store, page by page. `request_timeout` is for
/// each request. Fails with the engine's errors; Cancelled if `check` says so between two pages.
Task<Result<ErasePreview>> preview_erasure(Store store, UserId user, bool scan,
                                           std::chrono::milliseconds request_timeout,
                                           std::function<Result<void>(std::uint64_t items)> between);

}  // namespace loopstate::cli
