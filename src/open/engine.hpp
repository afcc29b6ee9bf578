// What opening a store knows about an engine. Each engine's part is a separate library (src/open/embedded and
// so on), so that a program is linked with the ones it asked for and with nothing that the others need.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "loopstate/backup.hpp"
#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "table/table.hpp"

namespace loopstate::engines {

/// `place` is what follows the scheme in the URL. All may be called from any thread.
struct Engine {
  Result<std::shared_ptr<table::Table>> (*open)(std::string place, const Settings& settings, OpenMode mode,
                                                const Environment& environment);
  /// Both are null if copies are the job of a service.
  Result<BackupReport> (*back_up)(const std::string& place, const std::string& file,
                                  std::chrono::milliseconds lock_wait);
  Result<BackupReport> (*restore)(const std::string& file, const std::string& place, bool replace);
  /// Whether the file at `path` holds a store or coordinates its users. Null: the engine keeps no files.
  bool (*owns_file)(const std::string& path);
};

struct KnownEngine {
  std::string_view name;   ///< the scheme of its URLs, and the component of the package
  std::string_view place;  ///< what its URLs name: "PATH"
  const Engine* engine;    ///< null if this program is linked without it
};

/// All engines, linked or not.
std::span<const KnownEngine> known_engines();

struct FoundEngine {
  const Engine& engine;
  std::string place;
};

/// InvalidArgument: the URL has none of the schemes, or the program is linked without the engine.
Result<FoundEngine> find_engine(std::string_view url);

/// Whether the file at `path` belongs to a store of any engine.
bool is_file_of_a_store(const std::string& path);

}  // namespace loopstate::engines
