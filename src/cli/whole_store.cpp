#include "cli/whole_store.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "crypto/base64.hpp"

namespace loopstate::cli {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM};

volatile std::sig_atomic_t interrupted = 0;
std::array<struct sigaction, kSignals.size()> before;

extern "C" void note_signal(int) {
  interrupted = 1;
  constexpr std::string_view kSaid = "\nloopstate: stopping at the next step; once more stops it at once\n";
  // If nobody reads it, nothing can be done about that.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kSaid.data(), kSaid.size());
}

}  // namespace

Interruption::Interruption() {
  interrupted = 0;
  struct sigaction action{};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  // Once: the next signal does what it always does. Reads and writes in progress continue.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &before[i]);
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before[i], nullptr);
}

bool Interruption::came() const noexcept {
  return interrupted != 0;
}

Result<void> Interruption::check() const {
  if (!came()) return {};
  return fail(ErrorCode::Cancelled, "interrupted");
}

std::string cursor_word(std::string_view cursor) {
  return crypto::base64_encode(cursor);
}

Result<std::optional<std::string>> resume_cursor(const Arguments& arguments) {
  const auto word = arguments.optional("--resume");
  if (!word) return std::nullopt;
  auto cursor = crypto::base64_decode(*word);
  if (!cursor || cursor->empty()) {
    return fail(ErrorCode::InvalidArgument,
                "--resume takes the cursor that an interrupted run of this command printed");
  }
  return cursor;
}

Error with_advice(Error error, std::string_view advice) {
  error.message += fmt::format("; {}", advice);
  return error;
}

}  // namespace loopstate::cli
