#include <fmt/format.h>

#include "base/utf8.hpp"
#include "log/log.hpp"

namespace loopstate::log {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// Escaped as inside a JSON string; the text format quotes the same way.
void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const char c = text.front();
    if (!point) {
      out += kReplacement;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (steers_a_terminal(point->value)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(point->value));
    } else {
      out += text.substr(0, point->bytes);
    }
    text.remove_prefix(point ? point->bytes : 1);
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

bool is_plain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    // What is outside ASCII goes through append_escaped. As bytes: on arm64 a char is never negative.
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7F || c == '"' || c == '\\' || c == '=') return false;
  }
  return true;
}

void append_value(std::string& out, Format format, const Fields::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (format == Format::Text && is_plain(*text)) {
      out += *text;
    } else {
      append_quoted(out, *text);
    }
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    out += fmt::format("{}", *number);
  } else {
    out += fmt::format("{}", std::get<std::uint64_t>(value));
  }
}

void append_fields(std::string& out, Format format, const Fields& fields) {
  for (const auto& [name, value] : fields.entries()) {
    if (format == Format::Json) {
      out += ',';
      append_quoted(out, name);
      out += ':';
    } else {
      out += ' ';
      out += name;
      out += '=';
    }
    append_value(out, format, value);
  }
}

}  // namespace

std::string format_line(Format format, std::string_view message, const Fields& common, const Fields& fields) {
  std::string out;
  if (format == Format::Json) {
    out += "\"message\":";
    append_quoted(out, message);
  } else {
    append_escaped(out, message);
  }
  append_fields(out, format, common);
  append_fields(out, format, fields);
  return out;
}

}  // namespace loopstate::log
