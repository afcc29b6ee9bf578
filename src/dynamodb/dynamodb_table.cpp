#include "dynamodb/dynamodb_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "base/try.hpp"
#include "dynamodb/requests.hpp"
#include "table/expiry.hpp"
#include "table/limits.hpp"
#include "table/service/cursor.hpp"

namespace loopstate::dynamodb {

using table::Call;
using table::Item;
using table::Key;
using table::service::done_but_unreadable;
using table::service::make_cursor;
using table::service::read_cursor;

namespace {

constexpr std::size_t kPageBytes = 1u << 20;
// A partition full of expired items: every page of it is read, but not all in one call.
constexpr int kPagesMax = 16;

bool is_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return name.size() >= 3 && name.size() <= 255 && std::ranges::all_of(name, allowed);
}

/// What `make_body` makes of a write, if the write is possible.
template <typename Write>
Result<std::string> checked_body(Write write,
                                 Result<std::string> (*make_body)(std::string_view, const Write&, Timestamp),
                                 const std::string& table, Timestamp now) {
  const table::Operation operation(std::move(write));
  TRY_OK(table::check_operation(operation));
  return make_body(table, std::get<Write>(operation), now);
}

}  // namespace

DynamoDbTable::DynamoDbTable(TableSettings settings, std::shared_ptr<Sender> sender)
    : settings_(std::move(settings)), caller_(std::move(sender), settings_.caller) {}

Result<std::shared_ptr<DynamoDbTable>> DynamoDbTable::create(TableSettings settings,
                                                             std::shared_ptr<Sender> sender) {
  for (const auto& [what, name] :
       {std::pair{"table", &settings.table}, std::pair{"index", &settings.index}}) {
    if (!is_name(*name)) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("the {}'s name has {} characters, or one that is not allowed; expected 3 to "
                              "255 of a-z A-Z 0-9 _ . -",
                              what, name->size()));
    }
  }
  return std::shared_ptr<DynamoDbTable>(new DynamoDbTable(std::move(settings), std::move(sender)));
}

Task<Result<void>> DynamoDbTable::warm_up(Deadline deadline) {
  return caller_.sender().warm_up(deadline);
}

Task<Result<std::optional<Item>>> DynamoDbTable::get(Key key, Call call) {
  CO_TRY_OK(table::check_key(key));
  std::string body = get_item_body(settings_.table, key, call.consistency);
  CallOutcome reply = co_await caller_.call(Operation::GetItem, std::move(body), call.deadline);
  if (!reply) co_return std::unexpected(std::move(reply.error().error));
  CO_TRY(auto item, read_get_item(*reply));
  co_return table::live(std::move(item), call.now);
}

Task<Result<table::WriteOutcome>> DynamoDbTable::put(table::Put put, Call call) {
  CO_TRY(auto body, checked_body(std::move(put), put_item_body, settings_.table, call.now));
  co_return co_await write(Operation::PutItem, std::move(body), call);
}

Task<Result<table::WriteOutcome>> DynamoDbTable::update(table::UpdateItem update, Call call) {
  CO_TRY(auto body, checked_body(std::move(update), update_item_body, settings_.table, call.now));
  co_return co_await write(Operation::UpdateItem, std::move(body), call);
}

Task<Result<table::WriteOutcome>> DynamoDbTable::erase(table::Erase erase, Call call) {
  CO_TRY(auto body, checked_body(std::move(erase), delete_item_body, settings_.table, call.now));
  co_return co_await write(Operation::DeleteItem, std::move(body), call);
}

Task<Result<table::WriteOutcome>> DynamoDbTable::write(Operation operation, std::string body, Call call) {
  table::WriteOutcome outcome;
  CallOutcome reply = co_await caller_.call(operation, std::move(body), call.deadline);
  if (!reply) {
    if (!reply.error().refused) co_return std::unexpected(std::move(reply.error().error));
    outcome.item = table::live(std::move(reply.error().item), call.now);
    outcome.may_have_been_applied = reply.error().maybe_done;
    co_return outcome;
  }
  Result<std::optional<Item>> item = read_attributes_reply(*reply);
  if (!item) co_return std::unexpected(done_but_unreadable(operation, item.error()));
  outcome.applied = true;
  // What an update leaves exists, even if it says that it has expired.
  const bool is_new = operation == Operation::UpdateItem;
  outcome.item = is_new ? std::move(*item) : table::live(std::move(*item), call.now);
  co_return outcome;
}

Task<Result<table::TransactOutcome>> DynamoDbTable::transact(std::vector<table::Operation> operations,
                                                             std::string token, Call call) {
  CO_TRY_OK(table::check_transaction(operations, token));
  CO_TRY(auto body, transact_body(settings_.table, operations, token, call.now));
  CallOutcome reply = co_await caller_.call(Operation::TransactWriteItems, std::move(body), call.deadline,
                                            call.maybe_done_since);
  table::TransactOutcome outcome;
  outcome.applied = reply.has_value();
  if (outcome.applied) co_return outcome;
  Failure& failure = reply.error();
  if (!failure.refused) co_return std::unexpected(std::move(failure.error));
  if (failure.reasons.size() != operations.size()) {
    co_return fail(ErrorCode::ProtocolError,
                   fmt::format("a transaction of {} operations was refused for {} reasons", operations.size(),
                               failure.reasons.size()));
  }
  for (CancellationReason& reason : failure.reasons) {
    table::TransactOutcome::Refusal& refusal = outcome.refusals.emplace_back();
    refusal.refused = reason.code == "ConditionalCheckFailed";
    if (refusal.refused) refusal.item = table::live(std::move(reason.item), call.now);
  }
  co_return outcome;
}

std::string DynamoDbTable::cursor_after(const Key& key) const {
  return make_cursor(key);
}

std::string DynamoDbTable::identity() const {
  return fmt::format("dynamodb:{}@{}", settings_.table, settings_.place);
}

template <typename MakeBody>
Task<Result<table::Page>> DynamoDbTable::pages(Operation operation, PageBounds bounds,
                                               std::optional<std::string> cursor, MakeBody make_body,
                                               Call call) {
  const std::size_t limit = bounds.limit;
  std::optional<Key> after;
  if (cursor) {
    CO_TRY(auto key, read_cursor(*cursor));
    after = std::move(key);
  }
  table::Page page;
  std::size_t bytes = 0;
  for (int requests = 0; requests < kPagesMax; ++requests) {
    // Only live items count. So if the first page had too few, the next ones are read whole.
    std::string body = make_body(requests == 0 && !bounds.filtered ? limit : 0, after);
    CallOutcome reply = co_await caller_.call(operation, std::move(body), call.deadline);
    if (!reply) co_return std::unexpected(std::move(reply.error().error));
    CO_TRY(auto read, read_page(*reply));
    after = std::move(read.last);
    page.examined += read.examined;
    page.read_units += read.read_units;
    for (Item& item : read.items) {
      if (!table::is_live(item, call.now)) continue;
      if (limit > 0 && page.items.size() == limit) {
        page.next = make_cursor(page.items.back().key);
        co_return page;
      }
      bytes += limit > 0 ? table::item_size(item) : 0;
      page.items.push_back(std::move(item));
    }
    if (!after || bounds.filtered || limit == 0 || page.items.size() == limit || bytes >= kPageBytes) break;
  }
  if (after) page.next = make_cursor(*after);
  co_return page;
}

Task<Result<table::Page>> DynamoDbTable::query(table::Query query, Call call) {
  CO_TRY_OK(table::check_query(query));
  const PageBounds bounds{query.limit, false};
  std::optional<std::string> cursor = std::move(query.cursor);
  auto make_body = [name = settings_.table, query = std::move(query), consistency = call.consistency](
                       std::size_t most, const std::optional<Key>& after) {
    return query_body(name, query, most, after, consistency);
  };
  co_return co_await pages(Operation::Query, bounds, std::move(cursor), std::move(make_body), call);
}

Task<Result<table::Page>> DynamoDbTable::scan(table::Scan scan, Call call) {
  CO_TRY_OK(table::check_scan(scan));
  const PageBounds bounds{scan.limit, scan.has_prefix()};
  std::optional<std::string> cursor = std::move(scan.cursor);
  auto make_body = [name = settings_.table, scan = std::move(scan), consistency = call.consistency](
                       std::size_t most, const std::optional<Key>& after) {
    return scan_body(name, scan, most, after, consistency);
  };
  co_return co_await pages(Operation::Scan, bounds, std::move(cursor), std::move(make_body), call);
}

}  // namespace loopstate::dynamodb
