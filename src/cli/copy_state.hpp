// How far a copy has come, kept in a file so that it can resume after it was cut off.
#pragma once

#include <optional>
#include <string>

#include "loopstate/error.hpp"
#include "store/upkeep/transfer.hpp"

namespace loopstate::cli {

class CopyStateFile {
 public:
  /// Reads the file if it exists. InvalidArgument: it belongs to another copy, or is not one of ours.
  /// Without a path nothing is kept.
  static Result<CopyStateFile> open(std::optional<std::string> path, std::string from, std::string to);

  const store::CopyState& state() const noexcept { return state_; }
  /// Replaces the file as a whole.
  Result<void> save(const store::CopyState& state);
  /// The copy is done.
  void remove();

 private:
  CopyStateFile(std::optional<std::string> path, std::string from, std::string to)
      : path_(std::move(path)), from_(std::move(from)), to_(std::move(to)) {}
  std::optional<std::string> path_;
  std::string from_, to_;
  store::CopyState state_;
};

}  // namespace loopstate::cli
