// What is wrong in one partition of the table, told from its items alone.
#pragma once

#include <string>
#include <vector>

#include "store/check.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// A card as one of its two rows names it: to be compared with the other one.
struct CardPair {
  std::string fingerprint;
  std::string user;
  bool from_card = false;  ///< the card's own item was seen, otherwise the user's item of it
};

struct PartitionReport {
  std::vector<CheckFinding> findings;
  std::vector<CardPair> pairs;
};

/// `items` are the live items of the partition `pk`.
PartitionReport examine_partition(const std::string& pk, const std::vector<table::Item>& items,
                                  const StoreSettings& settings, UnixSeconds now);

/// "USER#U1|CONTEXT"
std::string item_name(const table::Key& key);

}  // namespace loopstate::store
