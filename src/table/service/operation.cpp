#include "table/service/operation.hpp"

#include <array>

namespace loopstate::table::service {

std::string_view to_string(Operation operation) noexcept {
  static constexpr std::array<std::string_view, 13> kNames = {
      "GetItem",           "BatchGetItem",       "PutItem",       "UpdateItem",
      "DeleteItem",        "TransactWriteItems", "Query",         "Scan",
      "BatchWriteItem",    "CreateTable",        "DescribeTable", "UpdateTimeToLive",
      "DescribeTimeToLive"};
  return kNames[static_cast<std::size_t>(operation)];
}

bool is_write(Operation operation) noexcept {
  switch (operation) {
    case Operation::PutItem:
    case Operation::UpdateItem:
    case Operation::DeleteItem:
    case Operation::TransactWriteItems:
    case Operation::BatchWriteItem:
      return true;
    default:
      return false;
  }
}

}  // namespace loopstate::table::service
