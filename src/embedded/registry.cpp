#include "embedded/registry.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>

#include "base/fork.hpp"
#include "base/try.hpp"
#include "embedded/engine.hpp"
#include "embedded/lmdb_error.hpp"

namespace loopstate::embedded {
namespace {

struct Registry {
  std::mutex mutex;
  std::condition_variable closed;
  /// An entry is removed when its engine has closed the file, not when its last user let go of it.
  std::map<FileId, std::weak_ptr<Engine>> engines;
};

/// Never destroyed: a table may outlive main().
Registry& registry() {
  static Registry* const instance = [] {
    auto* made = new Registry;
    watch_forks();
    pthread_atfork([] { registry().mutex.lock(); }, [] { registry().mutex.unlock(); },
                   [] {
                     Registry& mine = registry();
                     // The parent's engines are not ours, neither to use nor to close.
                     mine.engines.clear();
                     mine.mutex.unlock();
                   });
    return made;
  }();
  return *instance;
}

void close_engine(Engine* engine, FileId id, unsigned generation) {
  Registry& all = registry();
  if (fork_generation() != generation) return;  // a child's copy: left alone
  delete engine;
  const std::lock_guard lock(all.mutex);
  all.engines.erase(id);
  all.closed.notify_all();
}

Result<void> check_same_options(const Engine& engine, const EmbeddedOptions& options) {
  if (engine.environment().durability() == options.durability) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("{} is already open in this process with a different durability", options.path));
}

}  // namespace

Result<std::shared_ptr<Engine>> shared_engine(const EmbeddedOptions& options) {
  Registry& all = registry();
  const auto file = look_at(options.path);
  if (!file) return std::unexpected(storage_error(errno, "opening the store", options.path));
  const FileId id = file->id;
  std::unique_lock lock(all.mutex);
  for (auto found = all.engines.find(id); found != all.engines.end(); found = all.engines.find(id)) {
    if (auto engine = found->second.lock()) {
      lock.unlock();  // releasing the engine may close it, which takes this lock
      TRY_OK(check_same_options(*engine, options));
      TRY_OK(engine->environment().check_identity());
      return engine;
    }
    all.closed.wait(lock);
  }
  TRY(auto made, Engine::open(options));
  const unsigned generation = fork_generation();
  // Not `id`: a layered file system gives a file another number when it is first opened for writing.
  const FileId opened = made->environment().file_id();
  std::shared_ptr<Engine> engine(
      made.release(), [opened, generation](Engine* closing) { close_engine(closing, opened, generation); });
  all.engines[opened] = engine;
  return engine;
}

}  // namespace loopstate::embedded
