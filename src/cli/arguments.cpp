#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/json_text_access.hpp"
#include "base/utf8.hpp"
#include "cli/json_output.hpp"

namespace loopstate::cli {

const std::string& Arguments::text(std::string_view name) const {
  static const std::string empty;
  const auto at = values_.find(name);
  return at == values_.end() ? empty : at->second.front();
}

std::optional<std::string> Arguments::optional(std::string_view name) const {
  if (!has(name)) return std::nullopt;
  return text(name);
}

const std::vector<std::string>& Arguments::all(std::string_view name) const {
  static const std::vector<std::string> none;
  const auto at = values_.find(name);
  return at == values_.end() ? none : at->second;
}

Result<std::uint64_t> parse_whole_number(std::string_view name, std::string_view text, std::uint64_t least,
                                         std::uint64_t most) {
  std::uint64_t value = 0;
  const auto* const first = text.data();
  const auto* const end = first + text.size();
  const auto [stopped, problem] = std::from_chars(first, end, value);
  if (text.empty() || problem != std::errc() || stopped != end || value < least || value > most) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{}: expected a whole number from {} to {}, found {}",
                                                        name, least, most, shown(text)));
  }
  return value;
}

Result<std::uint64_t> whole_number(const Arguments& arguments, std::string_view name, std::uint64_t least,
                                   std::uint64_t most) {
  return parse_whole_number(name, arguments.text(name), least, most);
}

Result<std::uint64_t> whole_number_or(const Arguments& arguments, std::string_view name,
                                      std::uint64_t otherwise, std::uint64_t least, std::uint64_t most) {
  if (!arguments.has(name)) return otherwise;
  return whole_number(arguments, name, least, most);
}

Result<JsonText> json_value(std::string_view name, std::string_view text) {
  if (!is_utf8(text)) return fail(ErrorCode::InvalidArgument, fmt::format("{} is not valid UTF-8", name));
  auto value = JsonText::parse(text);
  if (value) return value;
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && std::string_view("{[\"").contains(text[first])) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} is not JSON: {}", name, value.error().message));
  }
  return trusted_json(json_string(text));
}

Result<std::string> utf8_text(const Arguments& arguments, std::string_view name) {
  const auto& text = arguments.text(name);
  if (!is_utf8(text)) return fail(ErrorCode::InvalidArgument, fmt::format("{} is not valid UTF-8", name));
  return text;
}

}  // namespace loopstate::cli
