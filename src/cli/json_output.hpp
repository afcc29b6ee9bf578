// Writes the JSON of an answer, member by member.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/document.hpp"

namespace loopstate::cli {

/// Includes the quotes. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

/// For messages: without anything that steers a terminal (base/utf8.hpp) or is not UTF-8.
std::string printable(std::string_view text);

/// A whole answer for a person: like `printable`, but keeps line ends, tabs and our own colours.
std::string safe_text(std::string_view text);

/// Equivalent JSON, with anything that steers a terminal escaped.
std::string safe_json(std::string_view json);

/// For messages: quoted, printable, and cut if it is long.
std::string shown(std::string_view text);

class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, std::uint64_t value);
  JsonObject& time(std::string_view name, Timestamp value);
  JsonObject& decimal(std::string_view name, double value);
  JsonObject& boolean(std::string_view name, bool value);
  /// `value` is JSON.
  JsonObject& raw(std::string_view name, std::string_view value);
  JsonObject& texts(std::string_view name, const std::vector<std::string>& values);
  JsonObject& optional_text(std::string_view name, const std::optional<std::string>& value);
  std::string str() const { return text_ + "}"; }

 private:
  void begin(std::string_view name);
  std::string text_ = "{";
};

/// As `doc collections` and `snapshot` have it.
std::string collection_json(const CollectionInfo& collection);

}  // namespace loopstate::cli
