// What the commands have in common that go through a whole store: they take as long as it is large, can be
// interrupted between two pages, and go on where they were.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/arguments.hpp"
#include "loopstate/error.hpp"

namespace loopstate::cli {

/// While it lives, the first SIGINT or SIGTERM is noted, told on standard error, and the work ends at its
/// next step; a second one ends the process at once. One at a time in a process.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Cancelled once a signal came.
  Result<void> check() const;
  bool came() const noexcept;
};

/// An engine's cursor as a word of the command line, and back. InvalidArgument: it is none of ours.
std::string cursor_word(std::string_view cursor);
Result<std::optional<std::string>> resume_cursor(const Arguments& arguments);

/// The same error, which says at its end how to go on.
Error with_advice(Error error, std::string_view advice);

inline constexpr const char* kProgressHelp =
    "Say on standard error how far it is, also where that is no terminal";

}  // namespace loopstate::cli
