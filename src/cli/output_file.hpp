// A file that appears whole or not at all, and standard output through the same calls.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/error.hpp"

namespace loopstate::cli {

/// Written next to `path`, readable only by its owner, and renamed to `path` by `finish`. "-" is standard
/// output.
class OutputFile {
 public:
  static Result<OutputFile> create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  /// Removes what was not finished.
  ~OutputFile();

  /// JSON, in whole members or texts: on a terminal, anything that would steer it is escaped.
  Result<void> write(std::string_view bytes);
  /// Everything written and, in a file, synced and in its place.
  Result<void> finish();

 private:
  OutputFile(std::string path, std::string part, int descriptor)
      : path_(std::move(path)), part_(std::move(part)), descriptor_(descriptor) {}
  Result<void> flush();
  std::unexpected<Error> failed(int problem) const;

  std::string path_;
  std::string part_;  // empty: standard output
  int descriptor_;
  bool to_terminal_ = false;
  std::string buffer_;
};

}  // namespace loopstate::cli
