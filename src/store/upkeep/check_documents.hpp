// Documents, across the rows of one collection and that of the collection itself: each part of a body is
// named by a document, each document has all of its parts, and the collection is known and counts on from
// them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loopstate/task.hpp"
#include "store/rows/document_row.hpp"
#include "store/upkeep/check.hpp"

namespace loopstate::store {

struct CheckRun;

/// What has been seen of one collection so far. Not its bodies: together they may be larger than memory.
class SeenDocuments {
 public:
  /// Takes in a row of the collection's partition; what is wrong with it alone.
  std::optional<CheckFinding> take(const table::Item& row);
  /// A row that cannot be read is among them.
  void overlook() noexcept { overlooks_some_ = true; }

  struct Named {
    std::string key;  ///< of the document
    std::uint64_t size = 0;
    std::uint64_t count = 0;
  };
  struct Found {
    std::vector<table::Key> keys;
    Timestamp newest{};
    std::optional<Timestamp> document_ends;  ///< by itself
  };

  bool empty() const noexcept { return !place_; }
  /// Parts that no other row names may be those of one that cannot be read.
  bool overlooks_some() const noexcept { return overlooks_some_; }
  const CollectionPlace& place() const noexcept { return *place_; }
  /// By the parts' id.
  const std::map<std::string, Named>& named() const noexcept { return named_; }
  const std::map<std::string, Found>& parts() const noexcept { return parts_; }
  std::uint64_t documents() const noexcept { return documents_; }
  std::uint64_t highest_version() const noexcept { return highest_version_; }
  std::uint64_t highest_number() const noexcept { return highest_number_; }

 private:
  std::optional<CheckFinding> look_at(const table::Item& row);
  std::optional<CheckFinding> take_part(const table::Item& row);
  std::optional<CheckFinding> take_document(const table::Item& row);

  std::optional<CollectionPlace> place_;
  std::map<std::string, Named> named_;
  std::map<std::string, Found> parts_;
  std::uint64_t documents_ = 0;
  std::uint64_t highest_version_ = 0;
  std::uint64_t highest_number_ = 0;
  bool overlooks_some_ = false;
};

/// Reports what is wrong with the collection that has been seen as a whole, and mends it if asked to.
Task<Result<void>> check_documents(std::shared_ptr<CheckRun> run, SeenDocuments seen);

/// Finishes the drops of the user's collections that were cut off. False: there were none any more.
Task<Result<bool>> finish_drops(std::shared_ptr<CheckRun> run, std::string user);

}  // namespace loopstate::store
