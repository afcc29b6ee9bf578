#include "http/client/message.hpp"

#include "base/ascii.hpp"

namespace loopstate::http {

namespace {

constexpr std::size_t kHeaderBytes = 768;  // for most messages: one allocation

void append_clean(std::string& out, std::string_view text) {
  // Nearly all texts need no replacement, and checking without a branch takes a third of the time.
  unsigned ends_line = 0;
  for (const char c : text) {
    ends_line |= static_cast<unsigned>(c == '\r') | static_cast<unsigned>(c == '\n') |
                 static_cast<unsigned>(c == '\0');
  }
  const std::size_t start = out.size();
  out += text;
  if (ends_line == 0) return;
  for (std::size_t at = start; at < out.size(); ++at) {
    if (out[at] == '\r' || out[at] == '\n' || out[at] == '\0') out[at] = ' ';
  }
}

}  // namespace

void ClientRequest::add(std::string_view name, std::string_view value) {
  if (headers_.empty()) headers_.reserve(kHeaderBytes);
  append_clean(headers_, name);
  headers_ += ": ";
  append_clean(headers_, value);
  headers_ += "\r\n";
}

std::optional<std::string_view> ClientReply::header(std::string_view name) const noexcept {
  std::uint32_t start = 0;
  for (const Line& line : lines_) {
    const std::string_view text = text_;
    if (equals_ignoring_case(text.substr(start, line.name_end - start), name)) {
      return text.substr(line.name_end, line.value_end - line.name_end);
    }
    start = line.value_end;
  }
  return std::nullopt;
}

void ClientReply::add_header(std::string_view name, std::string_view value) {
  if (lines_.empty()) {
    text_.reserve(kHeaderBytes);
    lines_.reserve(12);
  }
  text_ += name;
  const auto name_end = static_cast<std::uint32_t>(text_.size());
  text_ += value;
  lines_.push_back({name_end, static_cast<std::uint32_t>(text_.size())});
}

void ClientReply::clear_headers() noexcept {
  text_.clear();
  lines_.clear();
}

}  // namespace loopstate::http
