// Large input, piece by piece.
#pragma once

#include <string>

#include "loopstate/error.hpp"

namespace loopstate::cli {

/// An open file, or standard input ("-").
class InputStream {
 public:
  /// InvalidArgument: no such file, a directory, not readable.
  static Result<InputStream> open(std::string_view parameter, const std::string& path);
  InputStream(InputStream&& other) noexcept;
  InputStream& operator=(InputStream&&) = delete;
  ~InputStream();

  /// The next 64 KB or less; empty at the end.
  Result<std::string> piece();
  /// Whether rewind() is possible: a file, not a pipe.
  bool can_rewind() const;
  Result<void> rewind();

 private:
  InputStream(std::string name, int descriptor, bool owned)
      : name_(std::move(name)), descriptor_(descriptor), owned_(owned) {}
  std::string name_;  // for messages
  int descriptor_;
  bool owned_;
};

}  // namespace loopstate::cli
