// The embedded engine, as a store opens it.
#include "open/engine.hpp"

#include <cstdint>
#include <filesystem>
#include <utility>

#include "embedded/backup.hpp"
#include "embedded/embedded_table.hpp"
#include "embedded/lmdb_layout.hpp"

namespace loopstate::engines {
namespace {

Result<std::shared_ptr<table::Table>> open_file(std::string path, const Settings& settings, OpenMode mode,
                                                const Environment&) {
  embedded::EmbeddedOptions options;
  options.path = std::move(path);
  options.create_if_missing = mode == OpenMode::CreateIfMissing;
  options.lock_wait = settings.store.default_timeout;
  return embedded::open_embedded(std::move(options));
}

Result<BackupReport> report_of(const Result<embedded::BackupReport>& done) {
  if (!done) return std::unexpected(done.error());
  return BackupReport{done->items, done->bytes};
}

Result<BackupReport> back_up_file(const std::string& path, const std::string& file,
                                  std::chrono::milliseconds lock_wait) {
  return report_of(embedded::back_up(path, file, lock_wait));
}

Result<BackupReport> restore_file(const std::string& file, const std::string& path, bool replace) {
  return report_of(embedded::restore(file, path, replace));
}

/// LMDB's magic number is at the beginning of its lock files, and after the first page's header of its files.
bool bears_the_mark(const std::string& path) {
  using namespace embedded::lmdb_layout;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  const File file(path);
  return file.read<std::uint32_t>(0) == kMagic || file.read<std::uint32_t>(kPageHeaderBytes) == kMagic;
}

}  // namespace
}  // namespace loopstate::engines

extern "C" {
extern const loopstate::engines::Engine loopstate_engine_embedded;
const loopstate::engines::Engine loopstate_engine_embedded = {
    loopstate::engines::open_file, loopstate::engines::back_up_file, loopstate::engines::restore_file,
    loopstate::engines::bears_the_mark};
}
