#include "store/item_json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/try.hpp"
#include "crypto/base64.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "table/limits.hpp"
#include "table/number.hpp"

namespace loopstate::store {
namespace {

using table::Value;

constexpr int kMaxNesting = 32;

void write_value(json::Writer& out, const Value& value);

struct ValueWriter {
  json::Writer& out;

  void operator()(const std::string& text) const { out.key("S").string(text); }
  void operator()(const table::Number& number) const { out.key("N").string(number.text); }
  void operator()(const table::Binary& binary) const {
    out.key("B").string(crypto::base64_encode(binary.bytes));
  }
  void operator()(bool value) const { out.key("BOOL").boolean(value); }
  void operator()(const table::Null&) const { out.key("NULL").boolean(true); }
  void operator()(const table::StringSet& set) const {
    out.key("SS").begin_array();
    for (const auto& text : set.values) out.string(text);
    out.end_array();
  }
  void operator()(const table::NumberSet& set) const {
    out.key("NS").begin_array();
    for (const auto& number : set.values) out.string(number.text);
    out.end_array();
  }
  void operator()(const table::BinarySet& set) const {
    out.key("BS").begin_array();
    for (const auto& binary : set.values) out.string(crypto::base64_encode(binary.bytes));
    out.end_array();
  }
  void operator()(const table::List& list) const {
    out.key("L").begin_array();
    for (const auto& element : list) write_value(out, element);
    out.end_array();
  }
  void operator()(const table::Map& map) const {
    out.key("M").begin_object();
    for (const auto& [name, element] : map) {
      out.key(name);
      write_value(out, element);
    }
    out.end_object();
  }
};

void write_value(json::Writer& out, const Value& value) {
  out.begin_object();
  std::visit(ValueWriter{out}, value.data());
  out.end_object();
}

// Reads one value; on a failure the reader keeps the first problem.
class ValueReader {
 public:
  explicit ValueReader(json::Reader& reader) : reader_(reader) {}

  bool read(Value& value, int depth) {
    if (depth > kMaxNesting) return reader_.fail(fmt::format("nested deeper than {} levels", kMaxNesting));
    std::string_view type;
    if (!reader_.begin_object()) return false;
    if (!reader_.next_member(type)) return reader_.fail("expected a type (S, N, ...), found nothing");
    if (!read_typed(std::string(type), value, depth)) return false;
    if (reader_.next_member(type)) return reader_.fail("a value has two types");
    return reader_.ok();
  }

 private:
  bool read_typed(const std::string& type, Value& value, int depth) {
    if (type == "S") return read_string(value);
    if (type == "N") return read_number(value);
    if (type == "B") return read_binary(value);
    if (type == "BOOL") return read_boolean(value);
    if (type == "NULL") return read_null(value);
    if (type == "SS") return read_string_set(value);
    if (type == "NS") return read_number_set(value);
    if (type == "BS") return read_binary_set(value);
    if (type == "L") return read_list(value, depth);
    if (type == "M") return read_map(value, depth);
    return reader_.fail("a type is none of S, N, B, BOOL, NULL, SS, NS, BS, L, M");
  }

  bool read_string(Value& value) {
    std::string text;
    if (!reader_.read_string(text)) return false;
    value = std::move(text);
    return true;
  }

  bool take_number(table::Number& number) {
    std::string text;
    if (!reader_.read_string(text)) return false;
    auto parsed = table::parse_number(text);
    if (!parsed) return reader_.fail(parsed.error().message);
    number = std::move(*parsed);
    return true;
  }

  bool read_number(Value& value) {
    table::Number number;
    if (!take_number(number)) return false;
    value = std::move(number);
    return true;
  }

  bool take_binary(table::Binary& binary) {
    std::string text;
    if (!reader_.read_string(text)) return false;
    auto bytes = crypto::base64_decode(text);
    if (!bytes) return reader_.fail("a binary value is not base64");
    binary.bytes = std::move(*bytes);
    return true;
  }

  bool read_binary(Value& value) {
    table::Binary binary;
    if (!take_binary(binary)) return false;
    value = std::move(binary);
    return true;
  }

  bool read_boolean(Value& value) {
    bool truth = false;
    if (!reader_.read_bool(truth)) return false;
    value = Value::boolean(truth);
    return true;
  }

  bool read_null(Value& value) {
    bool truth = false;
    if (!reader_.read_bool(truth)) return false;
    if (!truth) return reader_.fail("NULL has to be true");
    value = table::Null{};
    return true;
  }

  bool read_string_set(Value& value) {
    table::StringSet set;
    if (!reader_.begin_array()) return false;
    while (reader_.next_element()) {
      if (!reader_.read_string(set.values.emplace_back())) return false;
    }
    std::ranges::sort(set.values);
    return keep_set(std::move(set), value);
  }

  bool read_number_set(Value& value) {
    table::NumberSet set;
    if (!reader_.begin_array()) return false;
    while (reader_.next_element()) {
      if (!take_number(set.values.emplace_back())) return false;
    }
    std::ranges::sort(set.values,
                      [](const auto& left, const auto& right) { return table::compare(left, right) < 0; });
    return keep_set(std::move(set), value);
  }

  bool read_binary_set(Value& value) {
    table::BinarySet set;
    if (!reader_.begin_array()) return false;
    while (reader_.next_element()) {
      if (!take_binary(set.values.emplace_back())) return false;
    }
    std::ranges::sort(set.values, {}, &table::Binary::bytes);
    return keep_set(std::move(set), value);
  }

  template <typename Set>
  bool keep_set(Set set, Value& value) {
    if (!reader_.ok()) return false;
    if (std::ranges::adjacent_find(set.values) != set.values.end())
      return reader_.fail("a set has an element twice");
    value = std::move(set);
    return true;
  }

  bool read_list(Value& value, int depth) {
    table::List list;
    if (!reader_.begin_array()) return false;
    while (reader_.next_element()) {
      if (!read(list.emplace_back(), depth + 1)) return false;
    }
    value = std::move(list);
    return reader_.ok();
  }

  bool read_map(Value& value, int depth) {
    table::Map map;
    std::string_view name;
    if (!reader_.begin_object()) return false;
    while (reader_.next_member(name)) {
      Value element;
      const std::string owned(name);
      if (!read(element, depth + 1)) return false;
      map.set(owned, std::move(element));
    }
    value = std::move(map);
    return reader_.ok();
  }

  json::Reader& reader_;
};

std::unexpected<Error> refused(std::string_view attribute, const json::Problem& problem) {
  const auto where = attribute.empty() ? std::string() : fmt::format("attribute {}, ", attribute);
  return fail(ErrorCode::InvalidArgument,
              fmt::format("{}byte {}: {}", where, problem.offset + 1, problem.message));
}

Result<std::string> take_key(table::Item& item, std::string_view name) {
  const auto* text = item.string(name);
  if (text == nullptr) {
    return fail(ErrorCode::InvalidArgument, fmt::format("attribute {} is missing or not a string", name));
  }
  auto part = *text;
  item.attributes.remove(name);
  return part;
}

}  // namespace

std::string item_to_json(const table::Item& item) {
  json::Writer out;
  out.begin_object();
  out.key(table::kPartitionKey).begin_object().key("S").string(item.key.pk).end_object();
  out.key(table::kSortKey).begin_object().key("S").string(item.key.sk).end_object();
  for (const auto& [name, value] : item.attributes) {
    out.key(name);
    write_value(out, value);
  }
  out.end_object();
  return std::move(out).take();
}

Result<table::Item> item_from_json(std::string_view text) {
  json::Reader reader(text, json::Limits{.depth = json::kMaxDepth});
  ValueReader values(reader);
  table::Item item;
  std::string_view name;
  std::string attribute;
  if (!reader.begin_object()) return refused("", reader.problem());
  while (reader.next_member(name)) {
    attribute = name;
    Value value;
    if (!values.read(value, 1)) return refused(attribute, reader.problem());
    item.attributes.set(attribute, std::move(value));
  }
  if (!reader.finish()) return refused("", reader.problem());
  TRY(auto pk, take_key(item, table::kPartitionKey));
  TRY(auto sk, take_key(item, table::kSortKey));
  item.key = table::Key{std::move(pk), std::move(sk)};
  TRY_OK(table::check_item(item));
  return item;
}

}  // namespace loopstate::store
