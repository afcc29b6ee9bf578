// Items, keys and values in DynamoDB's JSON, both ways: {"S": "..."}, {"N": "1"}, {"M": {...}}.
#pragma once

#include <string>
#include <string_view>

#include "json/reader.hpp"
#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::dynamodb {

// Writing appends to a text, without spaces.
void append_value(std::string& out, const table::Value& value);
void append_key(std::string& out, const table::Key& key);
void append_item(std::string& out, const table::Item& item);

// Reading takes one value at the cursor. False: the text is broken, or is no value of the service's; the
// cursor has the problem. Numbers become canonical, sets sorted.
bool read_value(json::Reader& reader, table::Value& value);
/// An item's attributes, its key among them, sorted by name.
bool read_attributes(json::Reader& reader, table::Attributes& attributes);
/// CorruptItem is a matter of `read_item_from`: here an item without string keys is the cursor's problem.
bool read_item(json::Reader& reader, table::Item& item);
bool read_key(json::Reader& reader, table::Key& key);

/// How to read the service's replies: as deep as an item of 32 levels gets in this encoding.
inline constexpr json::Limits kWireLimits{.depth = 100, .bytes = 64u << 20};

}  // namespace loopstate::dynamodb
