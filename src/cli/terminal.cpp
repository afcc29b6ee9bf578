#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace loopstate::cli {
namespace {

bool wants_colour(int descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  const char* term = std::getenv("TERM");
  if (term == nullptr || std::string_view(term) == "dumb") return false;
  return isatty(descriptor) == 1;
}

constexpr std::chrono::milliseconds kInterval{250};

}  // namespace

Style Style::for_stdout() {
  return Style(wants_colour(STDOUT_FILENO));
}

Style Style::for_stderr() {
  return Style(wants_colour(STDERR_FILENO));
}

std::string Style::wrap(std::string_view code, std::string_view text) const {
  if (!coloured_) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

Progress::Progress(std::string what, bool wanted, StdoutIs output)
    : what_(std::move(what)), terminal_(isatty(STDERR_FILENO) == 1), wanted_(wanted) {
  if (output == StdoutIs::Data && terminal_ && isatty(STDOUT_FILENO) == 1) terminal_ = wanted_ = false;
}

Progress::~Progress() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(std::uint64_t done, std::optional<std::uint64_t> total, std::string_view resume) {
  if (!terminal_ && !wanted_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < kInterval) return;
  last_ = now;
  auto line = total ? fmt::format("{}: {} of {}", what_, done, *total) : fmt::format("{}: {}", what_, done);
  if (terminal_) {
    shown_ = true;
    line = "\r\x1b[K" + line;
  } else {
    line += resume.empty() ? "\n" : fmt::format(" (--resume {})\n", resume);
  }
  std::fputs(line.c_str(), stderr);
}

}  // namespace loopstate::cli
