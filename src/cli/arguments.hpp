// What the command line contained, and its texts turned into names, numbers and JSON values. Every failure is
// an InvalidArgument that names the parameter.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/try.hpp"
#include "loopstate/error.hpp"
#include "loopstate/json_text.hpp"
#include "loopstate/names.hpp"

namespace loopstate::cli {

class Arguments {
 public:
  void add(const std::string& name, std::string value) { values_[name].push_back(std::move(value)); }

  /// The value, or an empty text if it was left out.
  const std::string& text(std::string_view name) const;
  std::optional<std::string> optional(std::string_view name) const;
  const std::vector<std::string>& all(std::string_view name) const;
  bool has(std::string_view name) const { return values_.contains(name); }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Decimal digits only.
Result<std::uint64_t> parse_whole_number(std::string_view name, std::string_view text,
                                         std::uint64_t least = 0, std::uint64_t most = UINT64_MAX);
Result<std::uint64_t> whole_number(const Arguments& arguments, std::string_view name, std::uint64_t least = 0,
                                   std::uint64_t most = UINT64_MAX);
/// The default if the parameter was left out.
Result<std::uint64_t> whole_number_or(const Arguments& arguments, std::string_view name,
                                      std::uint64_t otherwise, std::uint64_t least = 0,
                                      std::uint64_t most = UINT64_MAX);

/// JSON, or a bare word that is not JSON, which then becomes a string. Anything that begins like an object,
/// an array or a string must be one.
Result<JsonText> json_value(std::string_view name, std::string_view text);

/// InvalidArgument if the text is not UTF-8.
Result<std::string> utf8_text(const Arguments& arguments, std::string_view name);

template <typename Name>
Result<Name> name(const Arguments& arguments, std::string_view parameter) {
  return Name::parse(arguments.text(parameter));
}

template <typename Name>
Result<std::optional<Name>> optional_name(const Arguments& arguments, std::string_view parameter) {
  if (!arguments.has(parameter)) return std::nullopt;
  TRY(auto parsed, Name::parse(arguments.text(parameter)));
  return std::optional<Name>(std::move(parsed));
}

}  // namespace loopstate::cli
