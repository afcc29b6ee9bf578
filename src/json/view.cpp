#include "json/view.hpp"

namespace loopstate::json {
namespace {

// Already checked, under whatever limits.
Reader reread(std::string_view text) {
  return Reader(text, Limits{kMaxDepth, SIZE_MAX});
}

}  // namespace

Kind View::kind() const noexcept {
  return text_.empty() ? Kind::Null : kind_of(text_.front()).value_or(Kind::Null);
}

std::optional<View> View::find(std::string_view name) const {
  if (kind() != Kind::Object) return std::nullopt;
  Reader reader = reread(text_);
  reader.begin_object();
  std::string_view key;
  while (reader.next_member(key)) {
    const bool found = key == name;
    const auto value = reader.skip();
    if (found && reader.ok()) return View(value);
  }
  return std::nullopt;
}

std::optional<View> View::find(std::initializer_list<std::string_view> path) const {
  std::optional<View> at = *this;
  for (const auto name : path) {
    at = at->find(name);
    if (!at) break;
  }
  return at;
}

std::vector<std::pair<std::string, View>> View::members() const {
  std::vector<std::pair<std::string, View>> members;
  if (kind() != Kind::Object) return members;
  Reader reader = reread(text_);
  reader.begin_object();
  std::string_view key;
  while (reader.next_member(key)) {
    std::string name(key);
    members.emplace_back(std::move(name), View(reader.skip()));
  }
  return members;
}

std::vector<View> View::elements() const {
  std::vector<View> elements;
  if (kind() != Kind::Array) return elements;
  Reader reader = reread(text_);
  reader.begin_array();
  while (reader.next_element()) elements.emplace_back(reader.skip());
  return elements;
}

std::optional<bool> View::boolean() const {
  if (kind() != Kind::Boolean) return std::nullopt;
  return text_.front() == 't';
}

std::optional<std::string> View::string() const {
  if (kind() != Kind::String) return std::nullopt;
  return unescape(text_.substr(1, text_.size() - 2));
}

std::optional<std::uint64_t> View::unsigned_integer() const {
  Reader reader = reread(text_);
  std::uint64_t value = 0;
  if (!reader.read_unsigned(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> View::signed_integer() const {
  Reader reader = reread(text_);
  std::int64_t value = 0;
  if (!reader.read_signed(value)) return std::nullopt;
  return value;
}

std::optional<std::string_view> View::number() const {
  if (kind() != Kind::Number) return std::nullopt;
  return text_;
}

std::optional<std::string> string_member(const View& object, std::string_view name) {
  const auto value = object.find(name);
  return value ? value->string() : std::nullopt;
}

}  // namespace loopstate::json
