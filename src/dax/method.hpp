// The calls of a DAX cluster: their numbers on the wire, and what their replies may be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "table/service/operation.hpp"

namespace loopstate::dax {

/// The number is the one on the wire.
enum class Method : std::int32_t {
  AuthorizeConnection = 1'489'122'155,  ///< the only one that is never answered
  Endpoints = 455'855'874,
  DefineKeySchema = -742'646'399,
  DefineAttributeListId = -1'230'579'644,
  DefineAttributeList = 670'678'385,
  GetItem = 263'244'906,
  PutItem = -2'106'490'455,
  UpdateItem = 1'425'579'023,
  DeleteItem = 1'013'539'361,
  Query = -931'250'863,
  Scan = -1'875'390'620,
  BatchGetItem = -697'851'100,
  BatchWriteItem = 116'217'951,
  TransactWriteItems = -1'160'037'738
};

/// "GetItem", "DefineKeySchema".
std::string_view to_string(Method method) noexcept;

/// The method for a data operation. Only those up to BatchWriteItem have one: the cluster knows
/// nothing about tables.
Method method_of(table::service::Operation operation) noexcept;
/// Nothing for a control call.
std::optional<table::service::Operation> operation_of(Method method) noexcept;
/// Whether it may change an item.
bool is_write(Method method) noexcept;

/// How many values its reply has after the empty error list; 0: it has no reply.
std::uint32_t result_values(Method method) noexcept;
/// The most bytes that its reply may have; anything that claims to be longer is not a reply.
std::size_t reply_bytes_max(Method method) noexcept;
/// The most attribute values, those in lists, maps and sets among them, that its reply may have: a byte on
/// the wire may become forty in memory.
std::size_t reply_values_max(Method method) noexcept;

}  // namespace loopstate::dax
