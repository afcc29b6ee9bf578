// What the table must look like, and what an existing one looks like.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/error.hpp"

namespace loopstate::dynamodb {

/// As far as it matters here.
struct TableDescription {
  struct KeyPart {
    std::string name;
    std::string role;  ///< "HASH" or "RANGE"
    std::string type;  ///< "S", "N" or "B"
  };
  struct Index {
    std::string name;
    std::string status;
    std::vector<KeyPart> key;
    std::string projection;  ///< "ALL", "INCLUDE" or "KEYS_ONLY"
    std::vector<std::string> included;
  };
  std::string status;
  std::vector<KeyPart> key;
  std::vector<Index> indexes;
  bool strong_multi_region = false;
};

/// From a DescribeTable or CreateTable reply.
Result<TableDescription> read_table_description(std::string_view body);

/// From a DescribeTimeToLive reply.
struct TimeToLive {
  std::string status;  ///< "ENABLED", "ENABLING", "DISABLED", "DISABLING"
  std::string attribute;
};
Result<TimeToLive> read_time_to_live(std::string_view body);

/// A sentence about each thing that is not as it should be; empty if all is well.
std::vector<std::string> differences(const TableDescription& table, std::string_view index);
/// Nothing if time to live works on our attribute or is about to; else what is wrong with it.
std::optional<std::string> difference(const TimeToLive& time_to_live);

bool is_active(const TableDescription& table, std::string_view index);

std::string create_table_body(std::string_view table, std::string_view index);
std::string name_body(std::string_view table);
std::string enable_time_to_live_body(std::string_view table);

}  // namespace loopstate::dynamodb
