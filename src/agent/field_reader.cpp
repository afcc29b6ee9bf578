#include "agent/field_reader.hpp"

#include <fmt/format.h>

#include "base/timestamp.hpp"

namespace loopstate::agent {

void FieldReader::wrong(std::string_view field, std::string_view what) {
  if (error_) return;
  error_ = Error{ErrorCode::InvalidArgument, fmt::format("{}: {}: {}", where_, field, what), false, nullptr};
}

std::optional<json::View> FieldReader::find(std::string_view field) {
  const auto value = object_.find(field);
  if (!value || value->is_null()) return std::nullopt;
  return value;
}

std::string FieldReader::text(std::string_view field) {
  auto found = optional_text(field);
  if (!found) wrong(field, "missing");
  return found.value_or("");
}

std::optional<std::string> FieldReader::optional_text(std::string_view field) {
  const auto value = find(field);
  if (!value) return std::nullopt;
  auto text = value->string();
  if (!text) wrong(field, fmt::format("expected a string, found {}", json::to_string(value->kind())));
  return text;
}

std::uint64_t FieldReader::unsigned_integer(std::string_view field, std::uint64_t max) {
  const auto value = find(field);
  if (!value) {
    wrong(field, "missing");
    return 0;
  }
  const auto number = value->unsigned_integer();
  if (!number || *number > max) {
    wrong(field, fmt::format("expected an integer from 0 to {}", max));
    return 0;
  }
  return *number;
}

Timestamp FieldReader::time(std::string_view field) {
  // The year 9999 ends before this.
  constexpr std::uint64_t kLatest = 253'402'300'799;
  return from_unix_seconds(static_cast<std::int64_t>(unsigned_integer(field, kLatest)));
}

std::vector<std::string> FieldReader::texts(std::string_view field, std::size_t count_max) {
  std::vector<std::string> texts;
  const auto value = find(field);
  if (!value || value->kind() != json::Kind::Array) {
    wrong(field, "expected an array of strings");
    return texts;
  }
  for (const auto& element : value->elements()) {
    auto text = element.string();
    if (!text) {
      wrong(field, "expected an array of strings");
      return {};
    }
    if (texts.size() == count_max) {
      wrong(field, fmt::format("more than {} elements", count_max));
      return {};
    }
    texts.push_back(std::move(*text));
  }
  return texts;
}

}  // namespace loopstate::agent
