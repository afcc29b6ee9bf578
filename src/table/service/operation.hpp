// The operations of the DynamoDB service, whichever protocol is used.
#pragma once

#include <cstdint>
#include <string_view>

namespace loopstate::table::service {

/// The ones that we use.
enum class Operation : std::uint8_t {
  GetItem,
  BatchGetItem,
  PutItem,
  UpdateItem,
  DeleteItem,
  TransactWriteItems,
  Query,
  Scan,
  BatchWriteItem,
  CreateTable,
  DescribeTable,
  UpdateTimeToLive,
  DescribeTimeToLive
};

/// "GetItem".
std::string_view to_string(Operation operation) noexcept;
/// Whether it may change an item.
bool is_write(Operation operation) noexcept;

}  // namespace loopstate::table::service
