// Primary keys on the wire, and what a table's keys are.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dax/cbor_reader.hpp"
#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::dax {

/// A table's key attributes with their types ("S", "N", "B"), the partition key first, as the cluster reports
/// them.
struct KeySchema {
  std::vector<std::pair<std::string, std::string>> attributes;
  friend bool operator==(const KeySchema&, const KeySchema&) = default;
};

/// TableMismatch unless it is ours: the strings `pk` and `sk`.
Result<void> check_key_schema(const KeySchema& schema, std::string_view table);

/// The content of a key's byte string: the partition key as a CBOR text, the sort key's bytes up to the end.
std::string key_bytes(const table::Key& key);

/// One key argument: the byte string of that content.
void append_key(std::string& out, const table::Key& key);

/// The content of a key's byte string; ProtocolError if it is not one for such a table.
Result<table::Key> parse_key(std::string_view bytes);

}  // namespace loopstate::dax
