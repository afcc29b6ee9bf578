// One erasure in progress: in the user's partition first, then, by a scan, everywhere else.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/spine/answers.hpp"
#include "store/spine/core.hpp"

namespace loopstate::store {

struct Erasure {
  CorePtr core;
  std::string user;
  WriteCall write;
  EraseOptions options;
  std::optional<Deadline> deadline;    ///< the caller's own
  EraseReceipt receipt;                ///< so far
  std::set<std::string> others_cards;  ///< fingerprints of cards that belong to somebody else by now
  /// The tombstone has stood: by this call, or by one with the same request id that it goes on with.
  bool continues = false;
  bool kept = false;  ///< the request's item has the whole receipt
};

using ErasurePtr = std::shared_ptr<Erasure>;

/// For the next request. A scan has no deadline but the caller's: each of its requests has its own. The
/// request's item is made once.
WriteCall next_call(const Erasure& erasure);

/// Rows are removed only while the tombstone stands: a user who was brought back meanwhile keeps the new
/// ones.
table::Check tombstone_stands(const Erasure& erasure);

/// Puts the whole receipt into the request's item, if it is not there yet.
Task<Result<void>> keep_answer(ErasurePtr erasure);

enum class PartitionErased : std::uint8_t {
  Done,        ///< only the tombstone is left
  WasEmpty,    ///< there was nothing, and nothing was done
  BroughtBack  ///< by somebody, since this call, or an earlier one with the same request id, erased the user
};

/// Removes rows until only the tombstone is left. `even_if_empty`: puts the tombstone in any case.
Task<Result<PartitionErased>> erase_partition(ErasurePtr erasure, bool even_if_empty);

/// Removes what is left in the partition of a user whose tombstone stands: whoever brings the user back does
/// so first, since nothing would tell the rows that a cut-off erasure left from new ones. Does nothing to a
/// user who was brought back meanwhile.
Task<Result<void>> finish_erasure(CorePtr core, UserId user, WriteCall write);

/// The row of a collection of documents.
bool is_collection(const table::Key& key);
/// One that has no documents left.
bool is_dropped_collection(const table::Item& row);
/// Removes the row if the collection has no documents left; otherwise closes the collection, so that nobody
/// writes into it. Nothing if it is closed.
std::optional<table::Operation> erase_or_close(const table::Item& row, const WriteCall& call);
/// Removes everything in these collections, which are closed. Their rows stay.
Task<Result<void>> empty_collections(ErasurePtr erasure, std::vector<std::string> collections);

/// Removes what names the user in other partitions: marks of transactions, answers kept for repetitions, and
/// cards without a row in the user's own. `stands`: the tombstone exists; else it is put before anything is
/// removed. Returns whether it exists at the end.
Task<Result<bool>> erase_elsewhere(ErasurePtr erasure, bool stands);

}  // namespace loopstate::store
