#include "loopstate/json_text.hpp"

#include <fmt/format.h>

#include "base/json_text_access.hpp"
#include "json/reader.hpp"

namespace loopstate {

Result<JsonText> JsonText::parse(std::string_view text) {
  json::Reader reader(text);
  const auto value = reader.skip();
  if (reader.finish()) return trusted_json(std::string(value));
  const auto& problem = reader.problem();
  return fail(ErrorCode::InvalidArgument,
              fmt::format("not valid JSON at byte {}: {}", problem.offset, problem.message));
}

}  // namespace loopstate
