#include "cli/json_output.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/timestamp.hpp"
#include "base/utf8.hpp"
#include "json/writer.hpp"

namespace loopstate::cli {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::size_t kMaxShownBytes = 80;

// Calls `each` with every code point and its bytes, and with U+FFFD for a byte that is not UTF-8.
template <typename Each>
void for_each_code_point(std::string_view text, Each each) {
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const auto bytes = point ? point->bytes : 1;
    each(point ? point->value : U'\uFFFD', point ? text.substr(0, bytes) : kReplacement);
    text.remove_prefix(bytes);
  }
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out;
  if (is_utf8(text)) {
    json::append_string(out, text);
    return out;
  }
  std::string repaired;
  for_each_code_point(text, [&](char32_t, std::string_view bytes) { repaired += bytes; });
  json::append_string(out, repaired);
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  for_each_code_point(text, [&](char32_t point, std::string_view bytes) {
    if (steers_a_terminal(point)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(point));
    } else {
      out += bytes;
    }
  });
  return out;
}

namespace {

/// The length of the style (terminal.hpp) that `text` begins with; 0: none.
std::size_t style_bytes(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const auto end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

std::string safe_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto style = style_bytes(text);
    const auto end = style > 0 ? style : std::min(text.find_first_of("\x1b\n\t"), text.size());
    if (style > 0) {
      out += text.substr(0, style);
    } else if (end > 0) {
      out += printable(text.substr(0, end));
    } else {
      out += text.front() == '\x1b' ? printable(text.substr(0, 1)) : std::string(1, text.front());
    }
    text.remove_prefix(std::max<std::size_t>(end, 1));
  }
  return out;
}

std::string safe_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for_each_code_point(json, [&](char32_t point, std::string_view bytes) {
    // The only bytes below 0x20 are white space between members: within texts JSON itself escapes them.
    if (point >= 0x20 && steers_a_terminal(point)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(point));
    } else {
      out += bytes;
    }
  });
  return out;
}

std::string shown(std::string_view text) {
  std::string out;
  bool cut = false;
  for_each_code_point(text, [&](char32_t point, std::string_view bytes) {
    cut = cut || out.size() > kMaxShownBytes;
    if (cut) return;
    out += steers_a_terminal(point) ? fmt::format("\\u{:04x}", static_cast<unsigned>(point))
                                    : std::string(bytes);
  });
  return fmt::format("'{}{}'", out, cut ? "..." : "");
}

void JsonObject::begin(std::string_view name) {
  if (text_.size() > 1) text_ += ',';
  text_ += json_string(name);
  text_ += ':';
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  begin(name);
  text_ += json_string(value);
  return *this;
}

JsonObject& JsonObject::number(std::string_view name, std::uint64_t value) {
  begin(name);
  text_ += fmt::format("{}", value);
  return *this;
}

JsonObject& JsonObject::time(std::string_view name, Timestamp value) {
  begin(name);
  text_ += fmt::format("{}", unix_seconds(value));
  return *this;
}

JsonObject& JsonObject::decimal(std::string_view name, double value) {
  begin(name);
  text_ += fmt::format("{:.2f}", value);
  return *this;
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
  begin(name);
  text_ += value ? "true" : "false";
  return *this;
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view value) {
  begin(name);
  text_ += value;
  return *this;
}

JsonObject& JsonObject::texts(std::string_view name, const std::vector<std::string>& values) {
  std::string list;
  for (const auto& value : values) list += (list.empty() ? "" : ",") + json_string(value);
  return raw(name, "[" + list + "]");
}

JsonObject& JsonObject::optional_text(std::string_view name, const std::optional<std::string>& value) {
  return value ? text(name, *value) : raw(name, "null");
}

std::string collection_json(const CollectionInfo& collection) {
  JsonObject json;
  json.text("collection", collection.collection.text()).number("appended", collection.appended);
  return json.time("created_at", collection.created_at).str();
}

}  // namespace loopstate::cli
