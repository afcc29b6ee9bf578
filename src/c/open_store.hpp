// A store that was opened through the C interface, and its handle: a number, so that one that is closed, or
// that somebody made up, is an error.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/fork.hpp"
#include "c/streams.hpp"
#include "loopstate/blocking.hpp"
#include "loopstate/documents.hpp"
#include "loopstate/error.hpp"
#include "loopstate/questions.hpp"

namespace loopstate::c {

struct OpenStore {
  OpenStore(Store opened, Settings opened_with)
      : settings(std::move(opened_with)), store(opened), documents(opened), questions(std::move(opened)) {}

  const Settings settings;
  BlockingStore store;
  BlockingDocuments documents;
  BlockingQuestions questions;
  Streams streams;
  ForkGuard fork;
};

inline constexpr std::size_t kMaxOpenStores = 4096;

/// A handle for it. Unavailable: kMaxOpenStores are open.
Result<std::uint64_t> give_handle(std::unique_ptr<OpenStore> store);

/// A call in progress on a store, which is not closed before the call is done.
class InUse {
 public:
  /// InvalidArgument: no open store has this handle. StorageFailure: the parent process opened it.
  static Result<InUse> begin(std::uint64_t handle);
  InUse(InUse&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  InUse& operator=(InUse&&) = delete;
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;
  ~InUse();

  OpenStore& operator*() const noexcept;

 private:
  explicit InUse(void* slot) noexcept : slot_(slot) {}
  void* slot_;
};

/// Ends the store's streams and waits for its calls in progress. In a child of the process that opened it:
/// only forgets it. InvalidArgument: no open store has this handle.
Result<void> close_handle(std::uint64_t handle);

}  // namespace loopstate::c
