// A pending capture's row: encoding and decoding it, and the operations on it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loopstate/capture.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// CorruptItem names the item and the field.
Result<Capture> capture_from_row(const table::Item& row);

/// Whether its time is over. A row that the Rust crate wrote may be there for longer.
bool is_over(const Capture& capture, Timestamp now);

/// The mark that is written with a capture, as the capture's row names it: so that a capture without its mark
/// can be told from one that never had any, and the mark be made again as it was.
struct NamedMark {
  std::string transaction;
  Timestamp until{};  ///< the mark's own end
};

/// Nothing in the row of a capture that came without a transaction, or from the Rust crate. CorruptItem.
Result<std::optional<NamedMark>> named_mark(const table::Item& row);

/// The row of a new capture.
table::Put put_capture(std::string_view user, const Capture& capture, const std::optional<NamedMark>& mark);

/// Removes the row if it still is what `capture` says: there, and with the same refunds.
table::Erase erase_capture(std::string_view user, const Capture& capture);

/// InvalidArgument names the field: merchant a name, last4 four digits, currency three capital letters, times
/// not negative, texts UTF-8 and of bounded length.
Result<void> check_capture(const Capture& capture);

/// Holds while the item is there and its `refunded_cents` are these.
table::Condition same_refunded(std::uint64_t cents);

/// Sets `refunded_cents`, if it still is `before`.
table::UpdateItem set_refunded(table::Key key, std::uint64_t before, std::uint64_t after);

}  // namespace loopstate::store
