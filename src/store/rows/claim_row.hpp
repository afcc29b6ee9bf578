// A claim's row, `TXN#{id}|CLAIM`, and the operations that change it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loopstate/transaction.hpp"
#include "table/table.hpp"

namespace loopstate::store {

struct ClaimRow {
  std::uint64_t fence = 0;
  std::string holder;
  Timestamp lease_until{};  ///< 0: released
  std::string payload_hash;
  bool after_lapse = false;  ///< taken over from a holder that died, by one told to reconcile before acting
};

/// CorruptItem names the item and the field.
Result<ClaimRow> claim_from_row(const table::Item& row);

/// Makes the first claim, unless a live one exists.
table::Put put_claim(std::string_view transaction, const ClaimRow& claim, Timestamp expires_at);

/// Replaces the claim that was seen with `next`, if nobody has taken or changed it since.
table::UpdateItem take_claim(std::string_view transaction, const ClaimRow& seen, const ClaimRow& next,
                             Timestamp expires_at);

/// Holds while the claim still belongs to its holder.
table::Condition is_current(const Claim& claim);
/// Holds while the claim is released and nobody has taken it since.
table::Condition is_released(const Claim& claim);

}  // namespace loopstate::store
