#include "open/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

// Null if the engine's library is not linked. Its target (CMakeLists.txt) makes the linker pull it in by
// this name, since a weak reference alone pulls nothing out of an archive.
extern "C" {
[[gnu::weak]] extern const loopstate::engines::Engine loopstate_engine_embedded;
[[gnu::weak]] extern const loopstate::engines::Engine loopstate_engine_dynamodb;
}

namespace loopstate::engines {

std::span<const KnownEngine> known_engines() {
  static const std::array<KnownEngine, 2> all = {{
      {"embedded", "PATH", &loopstate_engine_embedded},
      {"dynamodb", "TABLE", &loopstate_engine_dynamodb},
  }};
  return all;
}

Result<FoundEngine> find_engine(std::string_view url) {
  std::string expected;
  for (const auto& [name, place, engine] : known_engines()) {
    if (url.size() > name.size() && url.starts_with(name) && url[name.size()] == ':') {
      if (engine != nullptr) return FoundEngine{*engine, std::string(url.substr(name.size() + 1))};
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format("the store is \"{}\", but this program is linked without loopstate's component {}", url,
                      name));
    }
    if (engine == nullptr) continue;
    expected += fmt::format("{}{}:{}", expected.empty() ? "" : " or ", name, place);
  }
  if (expected.empty()) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("the store is \"{}\", but this program is linked without any of loopstate's engines",
                    url));
  }
  return fail(ErrorCode::InvalidArgument, fmt::format("the store is \"{}\"; {} is expected", url, expected));
}

bool is_file_of_a_store(const std::string& path) {
  return std::ranges::any_of(known_engines(), [&](const KnownEngine& known) {
    return known.engine != nullptr && known.engine->owns_file != nullptr && known.engine->owns_file(path);
  });
}

}  // namespace loopstate::engines
