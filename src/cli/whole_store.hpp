// What the commands that go through a whole store have in common: they take longer the larger it is, can be
// interrupted between two pages, and can resume.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/arguments.hpp"
#include "loopstate/error.hpp"

namespace loopstate::cli {

/// While it lives, the first SIGINT or SIGTERM is noted and reported on standard error, and the work ends at
/// its next step; a second one ends the process immediately. One at a time per process.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Cancelled once a signal has come.
  Result<void> check() const;
  bool came() const noexcept;
};

/// An engine's cursor as a command-line word, and back. InvalidArgument: it is not one of ours.
std::string cursor_word(std::string_view cursor);
Result<std::optional<std::string>> resume_cursor(const Arguments& arguments);

/// The same error, with advice at its end on how to continue.
Error with_advice(Error error, std::string_view advice);

inline constexpr const char* kProgressHelp =
    "Report progress on standard error even if that is not a terminal";

}  // namespace loopstate::cli
