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

/// Whether it has expired. A row that the Rust crate wrote may remain for longer.
bool is_over(const Capture& capture, Timestamp now);

/// The mark that is written with a capture, as the capture's row names it: so that a capture without its mark
/// can be told from one that never had one, and the mark can be restored as it was.
struct NamedMark {
  std::string transaction;
  Timestamp until{};  ///< when the mark itself ends
};

/// Nothing in the row of a capture that came without a transaction, or from the Rust crate. CorruptItem.
Result<std::optional<NamedMark>> named_mark(const table::Item& row);

/// The row of a new capture.
table::Put put_capture(std::string_view user, const Capture& capture, const std::optional<NamedMark>& mark);

/// Removes the row if it is still what `capture` says: there, and with the same refunds.
table::Erase erase_capture(std::string_view user, const Capture& capture);

/// InvalidArgument names the field: merchant a name, last4 four digits, no more refunded than paid and in the
/// same currency, times not negative, texts UTF-8 and of bounded length.
Result<void> check_capture(const Capture& capture);

/// Holds while the item exists and its `refunded_cents` has this value.
table::Condition same_refunded(std::uint64_t amount);

/// Sets `refunded_cents`, if it is still `before`.
table::UpdateItem set_refunded(table::Key key, std::uint64_t before, std::uint64_t after);

}  // namespace loopstate::store
