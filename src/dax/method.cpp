#include "dax/method.hpp"

#include <algorithm>
#include <array>

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
};

// The bounds are several times what the service allows an item (400 KB), a page (1 MB), a batch (16 MB) and a
// transaction: a number may take more bytes here than it counts there, and names and keys come on top.
constexpr std::array kEntries = std::to_array<Entry>({
    {Method::AuthorizeConnection, "AuthorizeConnection", {}, 0, 0},
    {Method::Endpoints, "Endpoints", {}, 1, kMiB},
    {Method::DefineKeySchema, "DefineKeySchema", {}, 1, kMiB},
    {Method::DefineAttributeListId, "DefineAttributeListId", {}, 1, kMiB},
    {Method::DefineAttributeList, "DefineAttributeList", {}, 1, kMiB},
    {Method::GetItem, "GetItem", Operation::GetItem, 1, 2 * kMiB},
    {Method::PutItem, "PutItem", Operation::PutItem, 1, 2 * kMiB},
    {Method::UpdateItem, "UpdateItem", Operation::UpdateItem, 1, 2 * kMiB},
    {Method::DeleteItem, "DeleteItem", Operation::DeleteItem, 1, 2 * kMiB},
    {Method::Query, "Query", Operation::Query, 1, 8 * kMiB},
    {Method::Scan, "Scan", Operation::Scan, 1, 8 * kMiB},
    {Method::BatchGetItem, "BatchGetItem", Operation::BatchGetItem, 2, 48 * kMiB},
    {Method::BatchWriteItem, "BatchWriteItem", Operation::BatchWriteItem, 3, 48 * kMiB},
    {Method::TransactWriteItems, "TransactWriteItems", Operation::TransactWriteItems, 1, 64 * kMiB},
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

}  // namespace loopstate::dax
