// Where the program prints: colours and progress only where a person is watching.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loopstate::cli {

/// Colours for standard output: on a terminal only, and never with NO_COLOR set or TERM=dumb.
class Style {
 public:
  explicit Style(bool coloured) : coloured_(coloured) {}
  static Style for_stdout();
  static Style for_stderr();

  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  std::string red(std::string_view text) const { return wrap("31", text); }
  std::string green(std::string_view text) const { return wrap("32", text); }
  std::string yellow(std::string_view text) const { return wrap("33", text); }
  bool coloured() const noexcept { return coloured_; }

 private:
  std::string wrap(std::string_view code, std::string_view text) const;
  bool coloured_;
};

/// What a command prints on standard output while it runs.
enum class StdoutIs : bool {
  Answer,  ///< nothing until it ends
  Data     ///< what it was asked for, piece by piece
};

/// How far a command has come, at most four times a second: on a terminal one line on standard error that is
/// overwritten and removed at the end; elsewhere, if the caller asks for it (`--progress`), a line each time.
/// While data is printed to a terminal nothing is reported: the data itself shows how far it is, and
/// would be mixed with it.
class Progress {
 public:
  explicit Progress(std::string what, bool wanted = false, StdoutIs output = StdoutIs::Answer);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `total` if it is known. `resume`: how to continue from here, for a line that stays.
  void show(std::uint64_t done, std::optional<std::uint64_t> total = {}, std::string_view resume = {});

 private:
  std::string what_;
  bool terminal_;
  bool wanted_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace loopstate::cli
