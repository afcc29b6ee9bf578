// A store that lasts as long as a command.
#pragma once

#include <string>

#include "loopstate/error.hpp"

namespace loopstate::cli {

/// An embedded store's place in a new folder of its own, which is removed with everything in it at the end,
/// or when a signal ends the command. One at a time per process.
class ScratchStore {
 public:
  /// In `folder`, so that it lies on the same file system as what it stands for. StorageReadOnly,
  /// StorageFailure.
  static Result<ScratchStore> in(const std::string& folder);
  ScratchStore(ScratchStore&& other) noexcept;
  ScratchStore& operator=(ScratchStore&&) = delete;
  ~ScratchStore();

  std::string url() const;

 private:
  explicit ScratchStore(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;  ///< empty: moved from
};

}  // namespace loopstate::cli
