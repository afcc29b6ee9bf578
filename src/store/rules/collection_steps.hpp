// What every write of documents does with the row of their collection.
#pragma once

#include <optional>
#include <string>

#include "store/rows/collection_row.hpp"
#include "store/rows/document_row.hpp"
#include "store/spine/core.hpp"
#include "store/spine/steps.hpp"

namespace loopstate::store {

/// What the calls for documents share.
struct DocumentsCore {
  CorePtr core;
  CollectionPlace place;

  std::string subject() const;  ///< "collection chat of user U1"
};

DocumentsCore documents_core(const Store& store, const UserId& user, const CollectionId& collection);

struct KnownCollection {
  bool read = false;                 ///< or seen in a refusal, or remembered
  bool remembered = false;           ///< it may have changed since: no reason to refuse anything
  std::optional<CollectionRow> row;  ///< nothing: there is none
  /// Of the one that a write makes if none is live. New each time that none was found: a drop of an earlier
  /// one that the same write made may go on late, and must not take that for its own.
  std::string next_generation;
};
/// From its row, or from that there is none. CorruptItem.
Result<KnownCollection> known_collection(const std::optional<table::Item>& row);

/// Nothing can be written before its documents are gone.
inline bool is_being_emptied(const KnownCollection& known) {
  return known.row && known.row->state == CollectionRow::State::Emptying;
}
/// There is one that is neither being emptied nor dropped.
inline bool is_live(const KnownCollection& known) {
  return known.row && known.row->state == CollectionRow::State::Live;
}

/// The collection before a write: the known one if it is live, else a new one, which `write` makes.
CollectionRow base_of(const KnownCollection& known, const WriteCall& write);

/// Adds the step that turns the known collection into `after`, made from base_of: a check if they are equal,
/// an update, or the row of a new collection together with the check that its user was not erased.
/// `new_document`: the write makes one, so it relies on the floor.
void add_collection_step(Steps& steps, const CollectionPlace& place, const KnownCollection& known,
                         const CollectionRow& after, bool new_document);

/// Takes in what a refused transaction shows of the collection. Erased, CorruptItem.
Result<void> learn_collection(const CollectionPlace& place, KnownCollection& known, const Refusals& refusals);

/// The row as it is.
Task<Result<KnownCollection>> get_collection(CorePtr core, CollectionPlace place, table::Call call);
/// The row as it is; if the collection is being emptied, that is finished first.
Task<Result<KnownCollection>> read_collection(CorePtr core, CollectionPlace place, table::Call call);

/// Removes everything in a collection that is being emptied, what has expired by this clock and may be live
/// by another's included, and marks it as dropped; does nothing if it is not being emptied. Several may do so
/// at once. Returns how many documents this call removed.
Task<Result<std::uint64_t>> empty_collection(CorePtr core, CollectionPlace place, table::Call call);

}  // namespace loopstate::store
