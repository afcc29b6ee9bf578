// The calls, as the bytes that go out: what a node is asked, and what it must be asked first.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dax/attribute_lists.hpp"
#include "dax/method.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "table/table.hpp"

namespace loopstate::dax {

/// What may be stale comes from the node's memory; everything else from the table itself.
using table::Consistency;

/// The service's and the method's number.
void append_call(std::string& out, Method method);

// Control calls.
std::string endpoints_call();
std::string key_schema_call(std::string_view table);
/// `names` in byte order, and not empty: the empty list's number is known.
std::string list_id_call(const AttributeNames& names);
std::string list_names_call(ListId id);

// Reads.
std::string get_item_call(std::string_view table, const table::Key& key, Consistency consistency);
std::string batch_get_call(std::string_view table, const std::vector<table::Key>& keys,
                           Consistency consistency);
/// `after`: the key that the previous page ended with. `limit` 0: none.
std::string query_call(std::string_view table, const table::Query& query, std::size_t limit,
                       const std::optional<table::Key>& after, Consistency consistency);
std::string scan_call(std::string_view table, const table::Scan& scan, std::size_t limit,
                      const std::optional<table::Key>& after, Consistency consistency);

// Writes. An item goes out with the number of its names' list, which must be known first:
// AttributeLists::id_of, or a call of list_id_call. A refusal of a single write does not return the
// item that refused it: the protocol has that option only in transactions.
// A condition or an update may exceed the service's limits: InvalidArgument.
Result<std::string> put_item_call(std::string_view table, const table::Put& put, ListId list, Timestamp now);
Result<std::string> update_item_call(std::string_view table, const table::UpdateItem& update, Timestamp now);
Result<std::string> delete_item_call(std::string_view table, const table::Erase& erase, Timestamp now);
/// `lists`: one for each item.
std::string batch_put_call(std::string_view table, const std::vector<table::Item>& items,
                           const std::vector<ListId>& lists);
/// `lists`: one for each operation; only a put's matters.
Result<std::string> transact_call(std::string_view table, const std::vector<table::Operation>& operations,
                                  const std::vector<ListId>& lists, std::string_view token, Timestamp now);

}  // namespace loopstate::dax
