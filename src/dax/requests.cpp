#include "dax/requests.hpp"

#include "base/try.hpp"
#include "dax/cbor_writer.hpp"
#include "dax/expression.hpp"
#include "dax/item.hpp"
#include "dax/key.hpp"
#include "table/limits.hpp"
#include "table/service/live_condition.hpp"

namespace loopstate::dax {
namespace {

namespace service = table::service;
using table::Condition;
using table::Key;

constexpr std::int64_t kServiceId = 1;

/// The keys of the map of options that ends every data call.
enum class Option : std::uint8_t {
  ConsistentRead = 2,
  Condition = 4,
  ReturnValues = 7,
  Update = 8,
  StartKey = 9,
  Limit = 13,
  Forward = 14,
  Segment = 16,
  Segments = 17,
  Token = 19
};

constexpr std::int64_t kNone = 1;
constexpr std::int64_t kAllOld = 2;
constexpr std::int64_t kAllNew = 4;

/// The numbers that a transaction gives its operations.
constexpr std::int64_t kPut = 2;
constexpr std::int64_t kDelete = 7;
constexpr std::int64_t kUpdate = 9;
constexpr std::int64_t kConditionCheck = 12;

std::string call_of(Method method, std::string_view table) {
  std::string out;
  out.reserve(256);
  append_call(out, method);
  cbor::append_bytes(out, table);
  return out;
}

void append_option(std::string& out, Option option) {
  cbor::append_integer(out, static_cast<std::int64_t>(option));
}

void append_option(std::string& out, Option option, std::int64_t value) {
  append_option(out, option);
  cbor::append_integer(out, value);
}

/// The options of a write, including the end.
void append_write_options(std::string& out, const std::optional<Condition>& condition, std::int64_t returned,
                          const table::Update* update = nullptr) {
  cbor::begin_map(out);
  append_option(out, Option::ReturnValues, returned);
  if (condition) {
    append_option(out, Option::Condition);
    append_condition(out, *condition);
  }
  if (update != nullptr && !update->empty()) {
    append_option(out, Option::Update);
    append_update(out, *update);
  }
  cbor::end_map(out);
}

void append_page_options(std::string& out, std::size_t limit, const std::optional<Key>& after,
                         Consistency consistency) {
  append_option(out, Option::ConsistentRead, consistency == Consistency::Strong ? 1 : 0);
  if (limit > 0) append_option(out, Option::Limit, static_cast<std::int64_t>(limit));
  if (after) {
    append_option(out, Option::StartKey);
    append_key(out, *after);
  }
}

Result<void> check_update_names(const table::Update& update) {
  for (const table::Change& change : update) {
    TRY_OK(service::check_path(change.path));
  }
  return {};
}

Result<std::optional<Condition>> checked(std::optional<Condition> condition) {
  if (condition) {
    TRY_OK(service::check_expression(*condition));
  }
  return condition;
}

/// One operation's part in each of a transaction's lists.
struct Action {
  std::int64_t number = 0;
  std::optional<Condition> condition;
  const table::Update* update = nullptr;
};

Result<Action> action_of(const table::Operation& operation, Timestamp now) {
  Action action;
  if (const auto* put = std::get_if<table::Put>(&operation)) {
    action = {kPut, service::live_condition(put->condition, now), nullptr};
  } else if (const auto* erase = std::get_if<table::Erase>(&operation)) {
    action = {kDelete, service::live_condition(erase->condition, now), nullptr};
  } else if (const auto* update = std::get_if<table::UpdateItem>(&operation)) {
    TRY_OK(check_update_names(update->update));
    // The service accepts no update without a change; such an update is simply a check.
    const bool changes = !update->update.empty();
    action = {changes ? kUpdate : kConditionCheck, service::live_update(update->condition, now),
              changes ? &update->update : nullptr};
  } else {
    const auto& check = std::get<table::Check>(operation);
    action = {kConditionCheck, service::live_check(check.condition, now), nullptr};
  }
  TRY(action.condition, checked(std::move(action.condition)));
  return action;
}

}  // namespace

void append_call(std::string& out, Method method) {
  cbor::append_integer(out, kServiceId);
  cbor::append_integer(out, static_cast<std::int32_t>(method));
}

std::string endpoints_call() {
  std::string out;
  append_call(out, Method::Endpoints);
  return out;
}

std::string key_schema_call(std::string_view table) {
  return call_of(Method::DefineKeySchema, table);
}

std::string list_id_call(const AttributeNames& names) {
  std::string out;
  append_call(out, Method::DefineAttributeListId);
  cbor::append_array(out, names.size());
  for (const std::string& name : names) cbor::append_text(out, name);
  return out;
}

std::string list_names_call(ListId id) {
  std::string out;
  append_call(out, Method::DefineAttributeList);
  cbor::append_head(out, cbor::Major::Unsigned, static_cast<std::uint64_t>(id));
  return out;
}

std::string get_item_call(std::string_view table, const Key& key, Consistency consistency) {
  std::string out = call_of(Method::GetItem, table);
  append_key(out, key);
  cbor::begin_map(out);
  append_option(out, Option::ConsistentRead);
  cbor::append_boolean(out, consistency == Consistency::Strong);
  cbor::end_map(out);
  return out;
}

std::string batch_get_call(std::string_view table, const std::vector<Key>& keys, Consistency consistency) {
  std::string out;
  out.reserve(128 + keys.size() * 96);
  append_call(out, Method::BatchGetItem);
  cbor::append_map(out, 1);
  cbor::append_text(out, table);
  cbor::append_array(out, 3);
  cbor::append_boolean(out, consistency == Consistency::Strong);
  cbor::append_null(out);  // all of each item
  cbor::append_array(out, keys.size());
  for (const Key& key : keys) append_key(out, key);
  cbor::begin_map(out);
  cbor::end_map(out);
  return out;
}

std::string query_call(std::string_view table, const table::Query& query, std::size_t limit,
                       const std::optional<Key>& after, Consistency consistency) {
  std::string out = call_of(Method::Query, table);
  append_key_condition(out, query);
  cbor::begin_map(out);
  append_option(out, Option::Forward, query.descending ? 0 : 1);
  append_page_options(out, limit, after, consistency);
  cbor::end_map(out);
  return out;
}

std::string scan_call(std::string_view table, const table::Scan& scan, std::size_t limit,
                      const std::optional<Key>& after, Consistency consistency) {
  std::string out = call_of(Method::Scan, table);
  cbor::begin_map(out);
  if (scan.segments > 1) {
    append_option(out, Option::Segment, scan.segment);
    append_option(out, Option::Segments, scan.segments);
  }
  append_page_options(out, limit, after, consistency);
  cbor::end_map(out);
  return out;
}

Result<std::string> put_item_call(std::string_view table, const table::Put& put, ListId list, Timestamp now) {
  TRY(const auto condition, checked(service::live_condition(put.condition, now)));
  std::string out = call_of(Method::PutItem, table);
  append_key(out, put.item.key);
  append_attributes(out, list, put.item.attributes);
  append_write_options(out, condition, kAllOld);
  return out;
}

Result<std::string> update_item_call(std::string_view table, const table::UpdateItem& update, Timestamp now) {
  TRY_OK(check_update_names(update.update));
  TRY(const auto condition, checked(service::live_update(update.condition, now)));
  std::string out = call_of(Method::UpdateItem, table);
  append_key(out, update.key);
  append_write_options(out, condition, kAllNew, &update.update);
  return out;
}

Result<std::string> delete_item_call(std::string_view table, const table::Erase& erase, Timestamp now) {
  TRY(const auto condition, checked(service::live_condition(erase.condition, now)));
  std::string out = call_of(Method::DeleteItem, table);
  append_key(out, erase.key);
  append_write_options(out, condition, kAllOld);
  return out;
}

std::string batch_put_call(std::string_view table, const std::vector<table::Item>& items,
                           const std::vector<ListId>& lists) {
  std::string out;
  append_call(out, Method::BatchWriteItem);
  cbor::append_map(out, 1);
  cbor::append_text(out, table);
  cbor::append_array(out, 2 * items.size());
  for (std::size_t at = 0; at < items.size(); ++at) {
    append_key(out, items[at].key);
    append_attributes(out, lists.at(at), items[at].attributes);
  }
  cbor::begin_map(out);
  cbor::end_map(out);
  return out;
}

Result<std::string> transact_call(std::string_view table, const std::vector<table::Operation>& operations,
                                  const std::vector<ListId>& lists, std::string_view token, Timestamp now) {
  std::vector<Action> actions;
  actions.reserve(operations.size());
  for (const table::Operation& operation : operations) {
    TRY(auto action, action_of(operation, now));
    actions.push_back(std::move(action));
  }
  std::string out;
  out.reserve(4096);
  append_call(out, Method::TransactWriteItems);
  const auto append_each = [&](auto append) {
    cbor::append_array(out, operations.size());
    for (std::size_t at = 0; at < operations.size(); ++at) append(at);
  };
  append_each([&](std::size_t at) { cbor::append_integer(out, actions[at].number); });
  append_each([&](std::size_t) { cbor::append_bytes(out, table); });
  append_each([&](std::size_t at) { append_key(out, table::key_of(operations[at])); });
  append_each([&](std::size_t at) {
    const auto* put = std::get_if<table::Put>(&operations[at]);
    if (put == nullptr) return cbor::append_null(out);
    append_attributes(out, lists.at(at), put->item.attributes);
  });
  cbor::append_null(out);  // what each returns: nothing
  append_each([&](std::size_t at) { cbor::append_integer(out, actions[at].condition ? kAllOld : kNone); });
  append_each([&](std::size_t at) {
    if (!actions[at].condition) return cbor::append_null(out);
    append_condition(out, *actions[at].condition);
  });
  append_each([&](std::size_t at) {
    if (actions[at].update == nullptr) return cbor::append_null(out);
    append_update(out, *actions[at].update);
  });
  cbor::begin_map(out);
  append_option(out, Option::Token);
  cbor::append_text(out, token);
  cbor::end_map(out);
  return out;
}

}  // namespace loopstate::dax
