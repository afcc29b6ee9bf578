#include "cli/scratch_store.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace loopstate::cli {
namespace {

constexpr std::array kEndingSignals{SIGINT, SIGTERM, SIGHUP};
constexpr int kBySignal = 128;

// For the handler, which may neither allocate nor look anything up.
struct Names {
  std::string file, lock_file, folder;
};
Names names;

void remove_files() {
  ::unlink(names.file.c_str());
  ::unlink(names.lock_file.c_str());
  ::rmdir(names.folder.c_str());
}

extern "C" void clean_up_and_end(int signal) {
  remove_files();
  ::_exit(kBySignal + signal);
}

void handle_signals(void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  for (const int signal : kEndingSignals) sigaction(signal, &action, nullptr);
}

}  // namespace

Result<ScratchStore> ScratchStore::in(const std::string& folder) {
  auto made = folder + "/loopstate-scratch-XXXXXX";
  if (::mkdtemp(made.data()) == nullptr) {
    const bool forbidden = errno == EACCES || errno == EROFS || errno == EPERM;
    return fail(forbidden ? ErrorCode::StorageReadOnly : ErrorCode::StorageFailure,
                fmt::format("no folder for a store that lasts as long as the command can be made in {}: {}",
                            folder, std::strerror(errno)));
  }
  names = {made + "/store.db", made + "/store.db-lock", made};
  handle_signals(clean_up_and_end);
  return ScratchStore(std::move(made));
}

ScratchStore::ScratchStore(ScratchStore&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}

ScratchStore::~ScratchStore() {
  if (folder_.empty()) return;
  handle_signals(SIG_DFL);
  remove_files();
}

std::string ScratchStore::url() const {
  return "embedded:" + folder_ + "/store.db";
}

}  // namespace loopstate::cli
