#include "port/embedded_engine.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "port/runner.hpp"

namespace loopstate::table {
namespace {

/// The folder outlives the table.
struct Holder {
  std::filesystem::path folder;
  std::shared_ptr<Table> table;
  ~Holder() {
    table.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
};

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "no embedded table: %s\n", why.c_str());
  std::abort();
}

}  // namespace

std::shared_ptr<Table> open_fresh_embedded(embedded::Durability durability) {
  std::string pattern = (std::filesystem::temp_directory_path() / "loopstate-port-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) give_up("no folder " + pattern);
  auto holder = std::make_shared<Holder>();
  holder->folder = pattern;
  embedded::EmbeddedOptions options;
  options.path = (holder->folder / "table.db").string();
  options.durability = durability;
  auto table = embedded::open_embedded(std::move(options));
  if (!table) give_up(table.error().message);
  holder->table = std::move(*table);
  if (auto ready = Runner(1).run(holder->table->initialise(Call{})); !ready) give_up(ready.error().message);
  Table* const pointer = holder->table.get();
  return {std::move(holder), pointer};
}

}  // namespace loopstate::table
