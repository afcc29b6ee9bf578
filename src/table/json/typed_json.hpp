// Items, keys and values in DynamoDB's typed JSON, both ways: each value with its type, {"S":"text"},
// {"N":"1"}, {"M":{...}}. The service's requests and replies use it, and so do the lines of an export. The
// types are those of the service's API reference (AttributeValue): S, N, B (base64), BOOL, NULL, SS, NS, BS,
// L, M.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/reader.hpp"
#include "table/value.hpp"

namespace loopstate::table {

// Writing appends to a text, without spaces: an item's key first, then its attributes in order of name, so
// that equal items give equal texts.
void append_value(std::string& out, const Value& value);
void append_key(std::string& out, const Key& key);
void append_item(std::string& out, const Item& item);

// Reading takes one value at the cursor. False: the text is not JSON, or not what the service accepts as a
// value (a NULL that is not true, a duplicate element in a set); the cursor has the problem. Numbers become
// canonical and keep every digit, sets are sorted. The cursor limits how deep a text may nest; `check_item`
// limits how deep an item may, and how much it may hold.
bool read_value(json::Reader& reader, Value& value);
/// An item's attributes, its key among them, sorted by name.
bool read_attributes(json::Reader& reader, Attributes& attributes);
/// An item without string keys is also reported as the cursor's problem.
bool read_item(json::Reader& reader, Item& item);
bool read_key(json::Reader& reader, Key& key);

/// Moves the key out of attributes that were read. Returns the name of the first part that is missing or not
/// a string, if any.
std::optional<std::string_view> take_key(Attributes& attributes, Key& key);

}  // namespace loopstate::table
