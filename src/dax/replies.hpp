// What replies contain. All of this reads a whole reply (reply_scanner.hpp) and keeps nothing of its bytes.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dax/attribute_lists.hpp"
#include "dax/key.hpp"
#include "dax/method.hpp"
#include "loopstate/error.hpp"
#include "table/service/failure.hpp"
#include "table/table.hpp"

namespace loopstate::dax {

using table::service::Again;
using table::service::Failure;

/// What follows the empty list of error codes (it refers to `reply`), or the failure that the reply
/// reports. `keys`: those of a transaction's operations, for the items that refused it. If the names of
/// such an item are not known, `names` says so: then the reply must be read again, and nothing else decided
/// from it.
std::expected<std::string_view, Failure> understand(Method method, std::string_view reply,
                                                    const std::vector<table::Key>& keys, ReplyNames& names);

/// A call that got no whole reply. `sent`: part of it may have gone out.
Failure unanswered(Method method, Error error, bool sent);

// Readers of `understand`'s result, by method. ProtocolError if it is not what it should be: the
// connection is fine nevertheless. If the names of an item are not known, `names` says so: then it
// must be read again.

/// GetItem.
Result<std::optional<table::Item>> read_get_item(std::string_view values, const table::Key& key,
                                                 ReplyNames& names);
/// PutItem, UpdateItem, DeleteItem: the item that was there, or is there now, if there is one.
Result<std::optional<table::Item>> read_write(std::string_view values, const table::Key& key,
                                              ReplyNames& names);

struct BatchGetReply {
  std::vector<table::Item> items;
  std::vector<table::Key> unprocessed;
};
Result<BatchGetReply> read_batch_get(std::string_view values, std::string_view table, ReplyNames& names);

/// BatchWriteItem: the keys of the items that were not written.
Result<std::vector<table::Key>> read_unprocessed_puts(std::string_view values, std::string_view table);

/// TransactWriteItems.
Result<void> read_transaction(std::string_view values);

struct PageReply {
  std::vector<table::Item> items;
  std::optional<table::Key> last;  ///< where the next page continues
};
/// Query, Scan.
Result<PageReply> read_page(std::string_view values, ReplyNames& names);

// Control calls.

struct Endpoint {
  enum class Role : std::uint8_t { Leader, Replica };
  std::int64_t node = 0;
  std::string host;
  std::string address;  ///< 4 or 16 bytes, as on the network
  std::uint16_t port = 0;
  Role role = Role::Replica;
  std::string zone;
  std::int64_t leader_session = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};
inline constexpr std::size_t kEndpointsMax = 64;

/// At least one, and at most kEndpointsMax.
Result<std::vector<Endpoint>> read_endpoints(std::string_view values);
Result<KeySchema> read_key_schema(std::string_view values);
Result<ListId> read_list_id(std::string_view values);
Result<AttributeNames> read_list_names(std::string_view values);

}  // namespace loopstate::dax
