#include "dax/method.hpp"

#include <algorithm>
#include <array>

#include "table/table.hpp"

namespace loopstate::dax {
namespace {

using table::service::Operation;

constexpr std::size_t kMiB = 1u << 20;

struct Entry {
  Method method;
  std::string_view name;
  std::optional<Operation> operation;
  std::uint32_t result_values;
  std::size_t reply_bytes_max;
  std::size_t service_bytes_max;  ///< of the items in it, as the service counts them
};

// The bounds are several times what the service allows an item (400 KB), a page (1 MB), a batch (16 MB) and a
// transaction: a number may take more bytes here than it counts there, and names and keys come on top.
constexpr std::array kEntries = std::to_array<Entry>({
    {Method::AuthorizeConnection, "AuthorizeConnection", {}, 0, 0, 0},
    {Method::Endpoints, "Endpoints", {}, 1, kMiB, 0},
    {Method::DefineKeySchema, "DefineKeySchema", {}, 1, kMiB, 0},
    {Method::DefineAttributeListId, "DefineAttributeListId", {}, 1, kMiB, 0},
    {Method::DefineAttributeList, "DefineAttributeList", {}, 1, kMiB, 0},
    {Method::GetItem, "GetItem", Operation::GetItem, 1, 2 * kMiB, table::kMaxItemBytes},
    {Method::PutItem, "PutItem", Operation::PutItem, 1, 2 * kMiB, table::kMaxItemBytes},
    {Method::UpdateItem, "UpdateItem", Operation::UpdateItem, 1, 2 * kMiB, table::kMaxItemBytes},
    {Method::DeleteItem, "DeleteItem", Operation::DeleteItem, 1, 2 * kMiB, table::kMaxItemBytes},
    {Method::Query, "Query", Operation::Query, 1, 8 * kMiB, 2 * kMiB},
    {Method::Scan, "Scan", Operation::Scan, 1, 8 * kMiB, 2 * kMiB},
    {Method::BatchGetItem, "BatchGetItem", Operation::BatchGetItem, 2, 48 * kMiB, 16 * kMiB},
    {Method::BatchWriteItem, "BatchWriteItem", Operation::BatchWriteItem, 3, 48 * kMiB, 16 * kMiB},
    {Method::TransactWriteItems, "TransactWriteItems", Operation::TransactWriteItems, 1, 64 * kMiB,
     16 * kMiB},
});

const Entry& entry_of(Method method) noexcept {
  return *std::ranges::find(kEntries, method, &Entry::method);
}

}  // namespace

std::string_view to_string(Method method) noexcept {
  return entry_of(method).name;
}

Method method_of(Operation operation) noexcept {
  return std::ranges::find(kEntries, std::optional(operation), &Entry::operation)->method;
}

std::optional<Operation> operation_of(Method method) noexcept {
  return entry_of(method).operation;
}

bool is_write(Method method) noexcept {
  const auto operation = operation_of(method);
  return operation && table::service::is_write(*operation);
}

std::uint32_t result_values(Method method) noexcept {
  return entry_of(method).result_values;
}

std::size_t reply_bytes_max(Method method) noexcept {
  return entry_of(method).reply_bytes_max;
}

std::size_t reply_values_max(Method method) noexcept {
  return entry_of(method).service_bytes_max;  // a value takes one at least
}

}  // namespace loopstate::dax
