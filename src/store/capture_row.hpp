// A pending capture's row: encoding and decoding it, and the operations on it.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/capture.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// CorruptItem names the item and the field.
Result<Capture> capture_from_row(const table::Item& row);

/// Whether its time is over. A row that the Rust crate wrote may be there for longer.
bool is_over(const Capture& capture, UnixSeconds now);

/// The row of a new capture.
table::Put put_capture(std::string_view user, const Capture& capture);

/// Removes the row if it still is what `capture` says: there, and with the same refunds.
table::Erase erase_capture(std::string_view user, const Capture& capture);

/// InvalidArgument names the field: merchant a name, last4 four digits, currency three capital letters, times
/// not negative, texts UTF-8 and of bounded length.
Result<void> check_capture(const Capture& capture);

}  // namespace loopstate::store
