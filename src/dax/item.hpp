// Items on the wire: the number of the list of their names, followed by their values.
#pragma once

#include <string>
#include <string_view>

#include "dax/attribute_lists.hpp"
#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::dax {

/// The argument of a write: the byte string of `list` and the values. `list` is the list of their names.
void append_attributes(std::string& out, ListId list, const table::Attributes& attributes);

/// The content of such a byte string: attributes without a key. ProtocolError: invalid values, fewer or
/// more than names, a name that is part of the key, or duplicate names. If the names are not known they are
/// noted in `names`, and the attributes are empty.
Result<table::Attributes> parse_attributes(std::string_view bytes, ReplyNames& names);

}  // namespace loopstate::dax
