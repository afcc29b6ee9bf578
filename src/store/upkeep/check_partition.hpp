// What is wrong in one partition of the table, determined from its items alone.
#pragma once

#include <string>
#include <vector>

#include "store/upkeep/check.hpp"
#include "store/upkeep/check_marks.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// A card as one of its two rows names it, to be compared with the other one.
struct CardPair {
  std::string fingerprint;
  std::string user;
  bool from_card = false;  ///< the card's own item was seen, otherwise the user's item for it
};

struct PartitionReport {
  std::vector<CheckFinding> findings;
  std::vector<CardPair> pairs;
  std::vector<MarkedCapture> marked;  ///< captures whose marks are to be looked up
};

/// What a partition holds: its live items, and those that the engine cannot read.
struct Partition {
  std::string pk;
  std::vector<table::Item> items;
  std::vector<table::DamagedItem> damaged;
};

PartitionReport examine_partition(const Partition& partition, const StoreSettings& settings, Timestamp now);

/// CorruptItem, in the engine's words.
CheckFinding finding_of(const table::DamagedItem& damaged);

/// "USER#U1|CONTEXT"
std::string item_name(const table::Key& key);

}  // namespace loopstate::store
