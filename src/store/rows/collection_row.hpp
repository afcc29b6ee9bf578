// The row of a collection of documents, in its user's partition: every write of a document checks it, so that
// nothing is written into a collection that is being removed, and an erasure finds everything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/document.hpp"
#include "loopstate/error.hpp"
#include "table/table.hpp"

namespace loopstate::store {

inline constexpr std::string_view kCollectionPrefix = "COLLECTION#";

/// The `state` of a row whose documents are being removed, and of one that has none left.
inline constexpr std::string_view kEmptyingState = "emptying";
inline constexpr std::string_view kDroppedState = "dropped";

struct CollectionRow {
  enum class State : std::uint8_t {
    Live,
    Emptying,  ///< its documents are being removed; nothing is written, and nothing is shown
    Dropped    ///< empty; stays for a while, so that no version comes twice
  };
  State state = State::Live;
  std::string generation;   ///< drawn when it was made; no other has it
  std::uint64_t next = 1;   ///< the number of the next document that is appended
  std::uint64_t floor = 0;  ///< no document that is made from now on gets a version at or below this
  Timestamp created_at{};
  friend bool operator==(const CollectionRow&, const CollectionRow&) = default;
};

table::Key collection_key(std::string_view user, std::string_view collection);
/// CorruptItem.
Result<CollectionRow> collection_from_row(const table::Item& row);
/// `expires_at`: of one that was dropped.
table::Item collection_row(std::string_view user, std::string_view collection, const CollectionRow& content,
                           std::optional<Timestamp> expires_at = std::nullopt);

/// The live collections among the rows of a user's partition. CorruptItem.
Result<std::vector<CollectionInfo>> collections_among(const std::vector<table::Item>& rows);

/// It is still that one, and live.
table::Condition is_live_collection(const CollectionRow& seen);
/// It is still that one, and being emptied.
table::Condition is_emptying(const CollectionRow& seen);
/// Nothing that is known of it has changed.
table::Condition is_as_seen(const CollectionRow& seen);

}  // namespace loopstate::store
