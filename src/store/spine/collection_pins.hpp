// The collections of documents as they were last seen here: knowing one saves reading its row.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "store/rows/collection_row.hpp"
#include "store/rows/document_row.hpp"

namespace loopstate::store {

/// A stale one costs a request, never a wrong answer. Thread-safe.
class CollectionPins {
 public:
  std::optional<CollectionRow> find(const CollectionPlace& place);
  void keep(const CollectionPlace& place, CollectionRow row);
  void forget(const CollectionPlace& place);

 private:
  using Name = std::pair<std::string, std::string>;
  std::mutex mutex_;
  std::map<Name, CollectionRow> pins_;
};

}  // namespace loopstate::store
