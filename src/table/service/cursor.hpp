// Cursors of pages: opaque to callers, and the same whichever protocol the page came by.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::table::service {

/// The key that a page ended with, as text.
std::string make_cursor(const Key& key);
/// InvalidArgument if it is not one of ours.
Result<Key> read_cursor(std::string_view text);

}  // namespace loopstate::table::service
