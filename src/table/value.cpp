#include "table/value.hpp"

#include <algorithm>
#include <charconv>

#include "base/timestamp.hpp"
#include "table/number.hpp"

namespace loopstate::table {
namespace {

template <typename T, typename Less>
void sort_unique(std::vector<T>& values, Less less) {
  const auto out_of_order = [&](const T& left, const T& right) { return !less(left, right); };
  if (std::adjacent_find(values.begin(), values.end(), out_of_order) == values.end()) return;
  std::sort(values.begin(), values.end(), less);
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

auto position(auto& entries, std::string_view name) noexcept {
  return std::lower_bound(entries.begin(), entries.end(), name,
                          [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
}

template <typename Integer>
std::optional<Integer> as_integer(const Value& value) noexcept {
  const Number* number = value.number();
  if (number == nullptr) return std::nullopt;
  const std::string& text = number->text;
  Integer result{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return result;
}

}  // namespace

Attributes::Attributes(std::initializer_list<Entry> entries) {
  entries_.reserve(entries.size());
  for (const Entry& entry : entries) set(entry.first, entry.second);
}

const Value* Attributes::find(std::string_view name) const noexcept {
  const auto found = position(entries_, name);
  return found != entries_.end() && found->first == name ? &found->second : nullptr;
}

Value* Attributes::find(std::string_view name) noexcept {
  const auto found = position(entries_, name);
  return found != entries_.end() && found->first == name ? &found->second : nullptr;
}

void Attributes::set(std::string name, Value value) {
  const auto found = position(entries_, name);
  if (found != entries_.end() && found->first == name) {
    found->second = std::move(value);
  } else {
    entries_.emplace(found, std::move(name), std::move(value));
  }
}

bool Attributes::remove(std::string_view name) {
  const auto found = position(entries_, name);
  if (found == entries_.end() || found->first != name) return false;
  entries_.erase(found);
  return true;
}

void Attributes::append_sorted(std::string name, Value value) {
  entries_.emplace_back(std::move(name), std::move(value));
}

bool operator==(const Attributes& left, const Attributes& right) {
  return left.entries_ == right.entries_;
}

Value::Value(StringSet set) : data_(std::move(set)) {
  sort_unique(std::get<StringSet>(data_).values, std::less<>());
}

Value::Value(NumberSet set) : data_(std::move(set)) {
  sort_unique(std::get<NumberSet>(data_).values,
              [](const Number& left, const Number& right) { return compare(left, right) < 0; });
}

Value::Value(BinarySet set) : data_(std::move(set)) {
  sort_unique(std::get<BinarySet>(data_).values,
              [](const Binary& left, const Binary& right) { return left.bytes < right.bytes; });
}

Value Value::boolean(bool value) {
  Value result;
  result.data_ = value;
  return result;
}

Value Value::number(std::int64_t value) {
  return Number{std::to_string(value)};
}
Value Value::time(Timestamp at) {
  return number(unix_seconds(at));
}
Value Value::number(std::uint64_t value) {
  return Number{std::to_string(value)};
}

std::optional<std::int64_t> Value::as_int64() const noexcept {
  return as_integer<std::int64_t>(*this);
}
std::optional<std::uint64_t> Value::as_uint64() const noexcept {
  return as_integer<std::uint64_t>(*this);
}

const std::string* Item::string(std::string_view name) const noexcept {
  const Value* value = find(name);
  return value != nullptr ? value->string() : nullptr;
}

std::optional<std::int64_t> Item::int64(std::string_view name) const noexcept {
  const Value* value = find(name);
  return value != nullptr ? value->as_int64() : std::nullopt;
}

std::optional<Timestamp> Item::time(std::string_view name) const noexcept {
  const auto seconds = int64(name);
  return seconds ? std::optional(from_unix_seconds(*seconds)) : std::nullopt;
}

std::optional<std::uint64_t> Item::uint64(std::string_view name) const noexcept {
  const Value* value = find(name);
  return value != nullptr ? value->as_uint64() : std::nullopt;
}

}  // namespace loopstate::table
