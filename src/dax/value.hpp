// Attribute values on the wire.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dax/cbor_reader.hpp"
#include "table/value.hpp"

namespace loopstate::dax {

void append_value(std::string& out, const table::Value& value);

/// One value of any type. Lists and maps nested deeper than an item's may be, empty sets and elements or
/// names that are there twice are the cursor's problem. Numbers become canonical, sets and maps sorted.
/// `values_left`: how many values may be made, those in this one among them; what would be more is a problem.
bool read_value(cbor::Reader& reader, table::Value& value, std::size_t& values_left);

/// Moves what was read in any order into `attributes`, which are empty. False: a duplicate name.
bool collect_sorted(std::vector<table::Attributes::Entry>& entries, table::Attributes& attributes);

}  // namespace loopstate::dax
