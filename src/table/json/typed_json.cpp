#include "table/json/typed_json.hpp"

#include <algorithm>

#include "crypto/base64.hpp"
#include "json/writer.hpp"
#include "table/number.hpp"

namespace loopstate::table {

using json::Reader;

namespace {

void append_number(std::string& out, const Number& number) {
  out += '"';
  out += number.text;
  out += '"';
}

void append_binary(std::string& out, const Binary& binary) {
  out += '"';
  out += crypto::base64_encode(binary.bytes);
  out += '"';
}

template <typename Values, typename Append>
void append_array(std::string& out, const Values& values, Append append) {
  char before = '[';
  for (const auto& value : values) {
    out += before;
    append(out, value);
    before = ',';
  }
  out += before == '[' ? "[]" : "]";
}

void append_map(std::string& out, const Attributes& attributes) {
  char before = '{';
  for (const auto& [name, value] : attributes) {
    out += before;
    json::append_string(out, name);
    out += ':';
    append_value(out, value);
    before = ',';
  }
  out += before == '{' ? "{}" : "}";
}

struct Appender {
  std::string& out;

  void operator()(const std::string& text) const {
    out += R"("S":)";
    json::append_string(out, text);
  }
  void operator()(const Number& number) const {
    out += R"("N":)";
    append_number(out, number);
  }
  void operator()(const Binary& binary) const {
    out += R"("B":)";
    append_binary(out, binary);
  }
  void operator()(bool value) const { out += value ? R"("BOOL":true)" : R"("BOOL":false)"; }
  void operator()(const Null&) const { out += R"("NULL":true)"; }
  void operator()(const StringSet& set) const {
    out += R"("SS":)";
    append_array(out, set.values, json::append_string);
  }
  void operator()(const NumberSet& set) const {
    out += R"("NS":)";
    append_array(out, set.values, append_number);
  }
  void operator()(const BinarySet& set) const {
    out += R"("BS":)";
    append_array(out, set.values, append_binary);
  }
  void operator()(const List& list) const {
    out += R"("L":)";
    append_array(out, list, append_value);
  }
  void operator()(const Map& map) const {
    out += R"("M":)";
    append_map(out, map);
  }
};

bool read_number(Reader& reader, Number& number) {
  if (!reader.read_string(number.text)) return false;
  if (is_canonical(number)) return true;
  auto parsed = parse_number(number.text);
  if (!parsed) return reader.fail(std::move(parsed.error().message));
  number = std::move(*parsed);
  return true;
}

bool read_binary(Reader& reader, Binary& binary) {
  std::string text;
  if (!reader.read_string(text)) return false;
  auto bytes = crypto::base64_decode(text);
  if (!bytes) return reader.fail("a binary value is not base64");
  binary.bytes = std::move(*bytes);
  return true;
}

template <typename Element, typename Read>
bool read_elements(Reader& reader, std::vector<Element>& values, Read read) {
  if (!reader.begin_array()) return false;
  while (reader.next_element()) {
    if (!read(reader, values.emplace_back())) return false;
  }
  return reader.ok();
}

bool read_string(Reader& reader, std::string& text) {
  return reader.read_string(text);
}

/// Value's constructor sorts the set, and keeps one of two equal elements.
template <typename Set, typename Read>
bool read_set(Reader& reader, Value& value, Read read) {
  Set set;
  if (!read_elements(reader, set.values, read)) return false;
  const auto count = set.values.size();
  value = Value(std::move(set));
  return std::get<Set>(value.data()).values.size() == count || reader.fail("a set has an element twice");
}

bool read_null(Reader& reader, Value& value) {
  bool truth = false;
  if (!reader.read_bool(truth)) return false;
  value = Null{};
  return truth || reader.fail("NULL must be true");
}

bool read_typed(Reader& reader, std::string_view type, Value& value) {
  if (type == "S") {
    std::string text;
    if (!reader.read_string(text)) return false;
    value = Value(std::move(text));
    return true;
  }
  if (type == "N") {
    Number number;
    if (!read_number(reader, number)) return false;
    value = Value(std::move(number));
    return true;
  }
  if (type == "M") {
    Map map;
    if (!read_attributes(reader, map)) return false;
    value = Value(std::move(map));
    return true;
  }
  if (type == "L") {
    List list;
    if (!read_elements(reader, list, read_value)) return false;
    value = Value(std::move(list));
    return true;
  }
  if (type == "BOOL") {
    bool truth = false;
    if (!reader.read_bool(truth)) return false;
    value = Value::boolean(truth);
    return true;
  }
  if (type == "NULL") return read_null(reader, value);
  if (type == "B") {
    Binary binary;
    if (!read_binary(reader, binary)) return false;
    value = Value(std::move(binary));
    return true;
  }
  if (type == "SS") return read_set<StringSet>(reader, value, read_string);
  if (type == "NS") return read_set<NumberSet>(reader, value, read_number);
  if (type == "BS") return read_set<BinarySet>(reader, value, read_binary);
  return reader.fail("a type is not one of S, N, B, BOOL, NULL, SS, NS, BS, L, M");
}

}  // namespace

void append_value(std::string& out, const Value& value) {
  out += '{';
  std::visit(Appender{out}, value.data());
  out += '}';
}

void append_key(std::string& out, const Key& key) {
  out += R"({"pk":{"S":)";
  json::append_string(out, key.pk);
  out += R"(},"sk":{"S":)";
  json::append_string(out, key.sk);
  out += "}}";
}

void append_item(std::string& out, const Item& item) {
  append_key(out, item.key);
  out.pop_back();
  for (const auto& [name, value] : item.attributes) {
    out += ',';
    json::append_string(out, name);
    out += ':';
    append_value(out, value);
  }
  out += '}';
}

bool read_value(Reader& reader, Value& value) {
  std::string_view type;
  if (!reader.begin_object()) return false;
  if (!reader.next_member(type)) return reader.fail("expected a type (S, N, ...), found nothing");
  if (!read_typed(reader, type, value)) return false;
  if (reader.next_member(type)) return reader.fail("a value has two types");
  return reader.ok();
}

bool read_attributes(Reader& reader, Attributes& attributes) {
  if (!reader.begin_object()) return false;
  std::vector<Attributes::Entry> entries;
  entries.reserve(8);
  std::string_view name;
  while (reader.next_member(name)) {
    auto& entry = entries.emplace_back(std::string(name), Value());
    if (!read_value(reader, entry.second)) return false;
  }
  if (!reader.ok()) return false;
  // The reader refuses duplicate names.
  std::ranges::sort(entries, {}, &Attributes::Entry::first);
  attributes.reserve(entries.size());
  for (auto& [key, value] : entries) attributes.append_sorted(std::move(key), std::move(value));
  return true;
}

std::optional<std::string_view> take_key(Attributes& attributes, Key& key) {
  for (const auto& [name, part] : {std::pair{kPartitionKey, &key.pk}, std::pair{kSortKey, &key.sk}}) {
    Value* value = attributes.find(name);
    if (value == nullptr || value->string() == nullptr) return name;
    *part = std::get<std::string>(std::move(value->data()));
    attributes.remove(name);
  }
  return std::nullopt;
}

bool read_item(Reader& reader, Item& item) {
  if (!read_attributes(reader, item.attributes)) return false;
  const auto missing = take_key(item.attributes, item.key);
  return !missing || reader.fail("an item without a string \"" + std::string(*missing) + "\"");
}

bool read_key(Reader& reader, Key& key) {
  Item item;
  if (!read_item(reader, item)) return false;
  key = std::move(item.key);
  return true;
}

}  // namespace loopstate::table
