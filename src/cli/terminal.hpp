// Where the program prints: colours and progress only where a person looks on.
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

/// One line on standard error that is written over, four times a second at most; nothing where standard error
/// is no terminal. Gone when it ends.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `total` where it is known.
  void show(std::uint64_t done, std::optional<std::uint64_t> total = {});

 private:
  std::string what_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace loopstate::cli
