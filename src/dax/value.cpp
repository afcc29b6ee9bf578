#include "dax/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "dax/number.hpp"

namespace loopstate::dax {
namespace {

using cbor::Kind;
using table::Value;

constexpr std::size_t kLevelsMax = 31;    // of lists and maps in a value: the item itself is the 32nd
constexpr std::size_t kReserveMax = 256;  // so that a forged count cannot make a large reservation

std::size_t reserved(const cbor::Sequence& sequence) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(sequence.left, kReserveMax));
}

// ---- Writing

template <typename Elements, typename Append>
void append_set(std::string& out, std::uint64_t tag, const Elements& elements, Append append) {
  cbor::append_tag(out, tag);
  cbor::append_array(out, elements.size());
  for (const auto& element : elements) append(element);
}

struct Appender {
  std::string& out;

  void operator()(const std::string& text) const { cbor::append_text(out, text); }
  void operator()(const table::Number& number) const { append_number(out, number); }
  void operator()(const table::Binary& binary) const { cbor::append_bytes(out, binary.bytes); }
  void operator()(bool value) const { cbor::append_boolean(out, value); }
  void operator()(table::Null) const { cbor::append_null(out); }
  void operator()(const table::StringSet& set) const {
    append_set(out, cbor::kTagStringSet, set.values, *this);
  }
  void operator()(const table::NumberSet& set) const {
    append_set(out, cbor::kTagNumberSet, set.values, *this);
  }
  void operator()(const table::BinarySet& set) const {
    append_set(out, cbor::kTagBinarySet, set.values, *this);
  }
  void operator()(const table::List& list) const {
    cbor::append_array(out, list.size());
    for (const Value& value : list) append_value(out, value);
  }
  void operator()(const table::Map& map) const {
    cbor::append_map(out, map.size());
    for (const auto& [name, value] : map) {
      cbor::append_text(out, name);
      append_value(out, value);
    }
  }
};

// ---- Reading

bool read_element(cbor::Reader& reader, std::string& element) {
  std::string_view text;
  if (!reader.read_text(text)) return false;
  element = text;
  return true;
}

bool read_element(cbor::Reader& reader, table::Number& element) {
  return read_number(reader, element);
}

bool read_element(cbor::Reader& reader, table::Binary& element) {
  std::string_view bytes;
  if (!reader.read_bytes(bytes)) return false;
  element.bytes = bytes;
  return true;
}

bool take_one(cbor::Reader& reader, std::size_t& values_left) {
  if (values_left == 0) return reader.refuse("more values than such a reply may have");
  --values_left;
  return true;
}

template <typename Set>
bool read_set(cbor::Reader& reader, Value& value, std::size_t& values_left) {
  Set set;
  cbor::Sequence array;
  if (!reader.begin_array(array)) return false;
  set.values.reserve(reserved(array));
  while (reader.next(array)) {
    if (!take_one(reader, values_left) || !read_element(reader, set.values.emplace_back())) return false;
  }
  if (!reader.ok()) return false;
  const std::size_t elements = set.values.size();
  if (elements == 0) return reader.refuse("a set without an element");
  value = Value(std::move(set));
  const bool all_different = std::get<Set>(value.data()).values.size() == elements;
  return all_different || reader.refuse("a set with an element twice");
}

bool read_tagged(cbor::Reader& reader, Value& value, std::size_t& values_left) {
  cbor::Reader ahead = reader;
  std::uint64_t tag = 0;
  if (!ahead.read_tag(tag)) return reader.skip();
  switch (tag) {
    case cbor::kTagStringSet:
      return reader.read_tag(tag) && read_set<table::StringSet>(reader, value, values_left);
    case cbor::kTagNumberSet:
      return reader.read_tag(tag) && read_set<table::NumberSet>(reader, value, values_left);
    case cbor::kTagBinarySet:
      return reader.read_tag(tag) && read_set<table::BinarySet>(reader, value, values_left);
    default:
      return read_number(reader, value.data().emplace<table::Number>());
  }
}

bool read_nested(cbor::Reader& reader, Value& value, std::size_t level, std::size_t& values_left);

bool read_list(cbor::Reader& reader, Value& value, std::size_t level, std::size_t& values_left) {
  cbor::Sequence array;
  if (!reader.begin_array(array)) return false;
  auto& list = value.data().emplace<table::List>();
  list.reserve(reserved(array));
  while (reader.next(array)) {
    if (!read_nested(reader, list.emplace_back(), level + 1, values_left)) return false;
  }
  return reader.ok();
}

bool read_map(cbor::Reader& reader, Value& value, std::size_t level, std::size_t& values_left) {
  cbor::Sequence pairs;
  if (!reader.begin_map(pairs)) return false;
  auto& map = value.data().emplace<table::Map>();
  std::vector<table::Attributes::Entry> entries;
  entries.reserve(reserved(pairs));
  while (reader.next(pairs)) {
    std::string_view name;
    if (!reader.read_text(name)) return false;
    auto& [entry_name, entry_value] = entries.emplace_back(std::string(name), Value());
    if (!read_nested(reader, entry_value, level + 1, values_left)) return false;
  }
  if (!reader.ok()) return false;
  return collect_sorted(entries, map) || reader.refuse("a map with a name twice");
}

bool read_nested(cbor::Reader& reader, Value& value, std::size_t level, std::size_t& values_left) {
  if (!take_one(reader, values_left)) return false;
  bool truth = false;
  switch (reader.peek()) {
    case Kind::Text:
      return read_element(reader, value.data().emplace<std::string>());
    case Kind::Bytes:
      return read_element(reader, value.data().emplace<table::Binary>());
    case Kind::Boolean:
      if (!reader.read_boolean(truth)) return false;
      value = Value::boolean(truth);
      return true;
    case Kind::Null:
      value = table::Null();
      return reader.read_null();
    case Kind::Tag:
      return read_tagged(reader, value, values_left);
    case Kind::Array:
    case Kind::Map:
      if (level >= kLevelsMax) return reader.refuse("lists and maps nested too deeply");
      return reader.peek() == Kind::Array ? read_list(reader, value, level, values_left)
                                          : read_map(reader, value, level, values_left);
    case Kind::Unsigned:
    case Kind::Negative:
    case Kind::Float:
      return read_number(reader, value.data().emplace<table::Number>());
    default:
      return reader.refuse(fmt::format("expected a value, found {}", to_string(reader.peek())));
  }
}

}  // namespace

void append_value(std::string& out, const Value& value) {
  std::visit(Appender{out}, value.data());
}

bool read_value(cbor::Reader& reader, Value& value, std::size_t& values_left) {
  return read_nested(reader, value, 0, values_left);
}

bool collect_sorted(std::vector<table::Attributes::Entry>& entries, table::Attributes& attributes) {
  const auto& name_of = &table::Attributes::Entry::first;
  if (!std::ranges::is_sorted(entries, {}, name_of)) std::ranges::sort(entries, {}, name_of);
  if (std::ranges::adjacent_find(entries, {}, name_of) != entries.end()) return false;
  attributes.reserve(entries.size());
  for (auto& [name, value] : entries) attributes.append_sorted(std::move(name), std::move(value));
  return true;
}

}  // namespace loopstate::dax
