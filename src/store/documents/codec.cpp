#include "store/documents/codec.hpp"

namespace loopstate::store {

void prepend(std::string& path, std::string_view name) {
  if (!path.empty() && path.front() != '[') path.insert(path.begin(), '.');
  path.insert(0, name);
}

void prepend(std::string& path, std::size_t index) {
  prepend(path, fmt::format("[{}]", index));
}

bool read_value(json::Reader& reader, Currency& value, std::string&) {
  value = {};
  if (reader.peek() == json::Kind::Null) return reader.read_null();
  std::string text;
  if (!reader.read_string(text)) return false;
  const auto currency = Currency::parse(text);
  if (!currency) return reader.fail("expected three capital letters, as in ISO 4217");
  value = *currency;
  return true;
}

std::unexpected<Error> not_readable(const json::Problem& problem, std::string_view path) {
  if (path.empty()) {
    return fail(ErrorCode::CorruptItem,
                fmt::format("not readable at byte {}: {}", problem.offset, problem.message));
  }
  return fail(ErrorCode::CorruptItem, fmt::format("field {}: {}", path, problem.message));
}

}  // namespace loopstate::store
