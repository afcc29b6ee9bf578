// Numbers as the bytes of a sort key: their order is the numbers' order. Our own tables have none; other
// tables of a cluster may.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::dax {

/// Of a canonical number. One number has several such texts, by how its digits are written; this is the one
/// of its plain digits, and over 38 of them that of its significant ones, as the official clients write it.
std::string lexicographic(const table::Number& number);

/// Any such text, whoever wrote it. ProtocolError where it is none.
Result<table::Number> parse_lexicographic(std::string_view bytes);

}  // namespace loopstate::dax
