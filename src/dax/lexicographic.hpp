// Numbers as the bytes of a sort key: their order is that of the numbers. Our own tables have none; other
// tables of a cluster may.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::dax {

/// For a canonical number. One number has several such texts, depending on how its digits are written; this
/// is that of its plain digits, or if over 38, of its significant ones, as the official clients write it.
std::string lexicographic(const table::Number& number);

/// Any such text, whoever wrote it. ProtocolError if it is not one.
Result<table::Number> parse_lexicographic(std::string_view bytes);

}  // namespace loopstate::dax
