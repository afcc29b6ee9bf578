#include "store/upkeep/item_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/try.hpp"
#include "store/upkeep/item_json.hpp"

namespace loopstate::store {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kSpace) == std::string_view::npos;
}

}  // namespace

std::unexpected<Error> ItemLines::refused(std::string_view why) const {
  return fail(ErrorCode::InvalidArgument, fmt::format("line {}: {}", line_, why));
}

// Appends one more piece to what is there. False at the end.
Result<bool> ItemLines::fill() {
  if (ended_) return false;
  if (text_.size() - at_ > kMaxItemTextBytes) {
    return refused(fmt::format("longer than {} bytes, which no item is", kMaxItemTextBytes));
  }
  text_.erase(0, at_);
  at_ = 0;
  TRY(auto piece, pieces_());
  ended_ = piece.empty();
  text_ += piece;
  return !ended_;
}

Result<void> ItemLines::skip_space() {
  for (;;) {
    while (at_ < text_.size() && kSpace.find(text_[at_]) != std::string_view::npos) {
      if (text_[at_] == '\n') ++line_;
      ++at_;
    }
    if (at_ < text_.size()) return {};
    TRY(const auto more, fill());
    if (!more) return {};
  }
}

Result<table::Item> ItemLines::take(std::size_t length) {
  const auto text = std::string_view(text_).substr(at_, length);
  auto item = item_from_json(text);
  if (!item) return fail(item.error().code, fmt::format("line {}: {}", line_, item.error().message));
  line_of_last_ = line_;
  line_ += static_cast<std::size_t>(std::ranges::count(text, '\n'));
  at_ += length;
  return item;
}

Result<std::optional<table::Item>> ItemLines::next_line() {
  for (std::size_t searched = 0;;) {
    const auto end = text_.find('\n', at_ + searched);
    if (end == std::string::npos) {
      searched = text_.size() - at_;
      TRY(const auto more, fill());
      if (more) continue;
      if (is_blank(std::string_view(text_).substr(at_))) return std::nullopt;
    }
    const auto length = std::min(end, text_.size()) - at_;
    if (is_blank(std::string_view(text_).substr(at_, length))) {
      at_ += length + 1;
      ++line_;
      searched = 0;
      continue;
    }
    TRY(auto item, take(length));
    // A missing line feed after the last item is no problem.
    if (at_ < text_.size()) ++at_;
    ++line_;
    return std::optional<table::Item>(std::move(item));
  }
}

// The length of the object that begins here, up to its closing bracket. What is inside is checked
// later.
Result<std::size_t> ItemLines::find_element_end() {
  std::size_t depth = 0;
  bool in_string = false;
  bool escaped = false;
  for (std::size_t length = 0;;) {
    for (; at_ + length < text_.size(); ++length) {
      const char c = text_[at_ + length];
      if (escaped) {
        escaped = false;
      } else if (in_string) {
        escaped = c == '\\';
        in_string = c != '"';
      } else if (c == '"') {
        in_string = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        return length + 1;
      }
    }
    TRY(const auto more, fill());
    if (!more) return refused("the array breaks off inside this item");
  }
}

Result<std::optional<table::Item>> ItemLines::next_element() {
  TRY_OK(skip_space());
  if (array_closed_) {
    if (at_ < text_.size()) return refused("something follows the array");
    return std::nullopt;
  }
  if (at_ == text_.size()) return refused("the array breaks off");
  if (text_[at_] == ']') {
    ++at_;
    array_closed_ = true;
    return next_element();
  }
  if (!first_element_) {
    if (text_[at_] != ',') return refused("expected a comma or the array's end");
    ++at_;
    TRY_OK(skip_space());
  }
  if (at_ == text_.size() || text_[at_] != '{') return refused("expected an item, which is an object");
  first_element_ = false;
  TRY(const auto length, find_element_end());
  TRY(auto item, take(length));
  return std::optional<table::Item>(std::move(item));
}

Result<std::optional<table::Item>> ItemLines::next() {
  if (form_ == Form::Unknown) {
    TRY_OK(skip_space());
    form_ = at_ < text_.size() && text_[at_] == '[' ? Form::Array : Form::Lines;
    if (form_ == Form::Array) ++at_;
  }
  return form_ == Form::Array ? next_element() : next_line();
}

}  // namespace loopstate::store
