// The bodies of requests, and what their replies hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/expression.hpp"
#include "json/reader.hpp"
#include "loopstate/error.hpp"
#include "table/table.hpp"

namespace loopstate::dynamodb {

std::string get_item_body(std::string_view table, const table::Key& key, table::Consistency consistency);
std::string batch_get_body(std::string_view table, const std::vector<table::Key>& keys,
                           table::Consistency consistency);
std::string batch_put_body(std::string_view table, const std::vector<table::Item>& items);

// A condition or an update may be over the service's limits: InvalidArgument.
Result<std::string> put_item_body(std::string_view table, const table::Put& put, Timestamp now);
Result<std::string> update_item_body(std::string_view table, const table::UpdateItem& update, Timestamp now);
Result<std::string> delete_item_body(std::string_view table, const table::Erase& erase, Timestamp now);
Result<std::string> transact_body(std::string_view table, const std::vector<table::Operation>& operations,
                                  std::string_view token, Timestamp now);

/// `after`: the key that the previous page ended with. `limit` 0: none.
std::string query_body(std::string_view table, const table::Query& query, std::size_t limit,
                       const std::optional<table::Key>& after, table::Consistency consistency);
std::string scan_body(std::string_view table, const table::Scan& scan, std::size_t limit,
                      const std::optional<table::Key>& after, table::Consistency consistency);

// Readers of replies: ProtocolError if a reply is not what it should be, CorruptItem for an item that is
// not one of ours.
Result<std::optional<table::Item>> read_get_item(std::string_view body);
/// The item in the member "Attributes", if there is one.
Result<std::optional<table::Item>> read_attributes_reply(std::string_view body);

struct BatchGetReply {
  std::vector<table::Item> items;
  std::vector<table::Key> unprocessed;
};
Result<BatchGetReply> read_batch_get(std::string_view body);
Result<std::vector<table::Item>> read_unprocessed_puts(std::string_view body);

struct PageReply {
  std::vector<table::Item> items;
  std::optional<table::Key> last;  ///< where the next page continues
  std::uint64_t examined = 0;
  double read_units = 0;  ///< 0 unless the request asked for it
};
Result<PageReply> read_page(std::string_view body);

/// How to read the service's replies: as deep as an item of 32 levels nests in typed JSON.
inline constexpr json::Limits kReplyLimits{.depth = 100, .bytes = 64u << 20};

}  // namespace loopstate::dynamodb
