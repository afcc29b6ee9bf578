#include "dax/dax_table.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "dax/key.hpp"
#include "dax/requests.hpp"
#include "table/expiry.hpp"
#include "table/limits.hpp"
#include "table/service/cursor.hpp"

namespace loopstate::dax {

using table::Call;
using table::Item;
using table::Key;

namespace {

constexpr std::size_t kPageBytes = 1u << 20;
// A partition full of expired items: every page of it is read, but not all in one call.
constexpr int kPagesMax = 16;

/// For a write refused by an item that is a different one each time we look.
constexpr int kRefusalsMax = 16;

/// Leaves in a page what the scan is for. The cluster is not asked to: scans go to the table itself
/// (open/dynamodb/fallback_table.hpp).
void select_items(table::Page& page, const table::Scan& scan) {
  page.examined = page.items.size();
  std::erase_if(page.items, [&](const table::Item& item) { return !scan.selects(item.key); });
  if (scan.limit == 0 || page.items.size() <= scan.limit) return;
  page.items.resize(scan.limit);
  page.next = table::service::make_cursor(page.items.back().key);
}

Request fixed(Method method, std::string bytes) {
  Request request;
  request.method = method;
  request.bytes = [bytes = std::move(bytes)](const std::vector<ListId>&) -> Result<std::string> {
    return bytes;
  };
  return request;
}

/// `operation` outlives the request.
Request request_of(const std::string& table, const table::Operation& operation, Timestamp now) {
  Request request;
  if (const auto* put = std::get_if<table::Put>(&operation)) {
    request.method = Method::PutItem;
    request.items = {&put->item.attributes};
    request.bytes = [&table, put, now](const std::vector<ListId>& lists) {
      return put_item_call(table, *put, lists.front(), now);
    };
  } else if (const auto* update = std::get_if<table::UpdateItem>(&operation)) {
    request.method = Method::UpdateItem;
    request.bytes = [&table, update, now](const std::vector<ListId>&) {
      return update_item_call(table, *update, now);
    };
  } else {
    const auto* erase = std::get_if<table::Erase>(&operation);
    request.method = Method::DeleteItem;
    request.bytes = [&table, erase, now](const std::vector<ListId>&) {
      return delete_item_call(table, *erase, now);
    };
  }
  return request;
}

/// Whether the item that is there now would also refuse the write.
bool refuses(const table::Operation& operation, const std::optional<Item>& item) {
  if (std::holds_alternative<table::UpdateItem>(operation) && !item) return true;
  return !table::holds(table::condition_of(operation), item ? &*item : nullptr);
}

}  // namespace

DaxTable::DaxTable(TableSettings settings, std::shared_ptr<Cluster> cluster)
    : settings_(std::move(settings)), caller_(std::move(cluster), settings_.caller) {}

Task<Result<void>> DaxTable::ask(Request request, Deadline deadline) {
  std::expected<void, Failure> done = co_await caller_.call(&request, deadline);
  if (!done) co_return std::unexpected(std::move(done.error().error));
  co_return Result<void>();
}

Task<Result<std::optional<Item>>> DaxTable::read_item(Key key, Call call) {
  std::optional<Item> item;
  Request request = fixed(Method::GetItem, get_item_call(settings_.table, key, call.consistency));
  request.read = [&item, &key](std::string_view values, ReplyNames& names) -> Result<void> {
    TRY(item, read_get_item(values, key, names));
    return {};
  };
  CO_TRY_OK(co_await ask(std::move(request), call.deadline));
  co_return table::live(std::move(item), call.now);
}

Task<Result<std::optional<Item>>> DaxTable::get(Key key, Call call) {
  CO_TRY_OK(table::check_key(key));
  if (!keys_are_checked()) {
    CO_TRY_OK(co_await check_keys(call.deadline));
  }
  co_return co_await read_item(std::move(key), call);
}

Task<Result<table::WriteOutcome>> DaxTable::put(table::Put put, Call call) {
  return write(table::Operation(std::move(put)), call);
}

Task<Result<table::WriteOutcome>> DaxTable::update(table::UpdateItem update, Call call) {
  return write(table::Operation(std::move(update)), call);
}

Task<Result<table::WriteOutcome>> DaxTable::erase(table::Erase erase, Call call) {
  return write(table::Operation(std::move(erase)), call);
}

Task<Result<table::WriteOutcome>> DaxTable::write(table::Operation operation, Call call) {
  CO_TRY_OK(table::check_operation(operation));
  if (!keys_are_checked()) {
    CO_TRY_OK(co_await check_keys(call.deadline));
  }
  const Key& key = table::key_of(operation);
  table::WriteOutcome outcome;
  Request request = request_of(settings_.table, operation, call.now);
  request.read = [&outcome, &key](std::string_view values, ReplyNames& names) -> Result<void> {
    TRY(outcome.item, read_write(values, key, names));
    return {};
  };
  for (int refusals = 0; refusals < kRefusalsMax; ++refusals) {
    std::expected<void, Failure> done = co_await caller_.call(&request, call.deadline);
    if (done) {
      outcome.applied = true;
      outcome.may_have_been_applied = false;
      // What an update leaves exists, even if it says that it has expired.
      const bool is_new = request.method == Method::UpdateItem;
      if (!is_new) outcome.item = table::live(std::move(outcome.item), call.now);
      co_return outcome;
    }
    Failure& failure = done.error();
    if (!failure.refused) {
      if (!outcome.may_have_been_applied) co_return std::unexpected(std::move(failure.error));
      co_return fail(ErrorCode::OutcomeUnknown, std::move(failure.error.message), true);
    }
    outcome.may_have_been_applied = outcome.may_have_been_applied || failure.maybe_done;
    Key copy = key;
    Call now = call;
    now.consistency = Consistency::Strong;
    Result<std::optional<Item>> there = co_await read_item(std::move(copy), now);
    if (!there && outcome.may_have_been_applied) {
      co_return fail(ErrorCode::OutcomeUnknown,
                     fmt::format("{} may or may not have been done: {}", to_string(request.method),
                                 there.error().message),
                     true);
    }
    if (!there) co_return std::unexpected(std::move(there.error()));
    if (refuses(operation, *there)) {
      outcome.item = std::move(*there);
      co_return outcome;
    }
  }
  co_return fail(ErrorCode::Unavailable,
                 fmt::format("{}: the item had changed each of the {} times that it was read",
                             to_string(request.method), kRefusalsMax),
                 true);
}

Task<Result<table::TransactOutcome>> DaxTable::transact(std::vector<table::Operation> operations,
                                                        std::string token, Call call) {
  CO_TRY_OK(table::check_transaction(operations, token));
  if (!keys_are_checked()) {
    CO_TRY_OK(co_await check_keys(call.deadline));
  }
  Request request;
  request.method = Method::TransactWriteItems;
  std::vector<std::size_t> puts;  // which operations `items` belong to
  for (std::size_t at = 0; at < operations.size(); ++at) {
    request.keys.push_back(table::key_of(operations[at]));
    if (const auto* put = std::get_if<table::Put>(&operations[at])) {
      request.items.push_back(&put->item.attributes);
      puts.push_back(at);
    }
  }
  request.bytes = [&](const std::vector<ListId>& numbers) {
    std::vector<ListId> lists(operations.size(), kEmptyList);
    for (std::size_t at = 0; at < puts.size(); ++at) lists[puts[at]] = numbers[at];
    return transact_call(settings_.table, operations, lists, token, call.now);
  };
  request.read = [](std::string_view values, ReplyNames&) { return read_transaction(values); };
  std::expected<void, Failure> done = co_await caller_.call(&request, call.deadline, call.maybe_done_since);
  table::TransactOutcome outcome;
  outcome.applied = done.has_value();
  if (outcome.applied) co_return outcome;
  Failure& failure = done.error();
  if (!failure.refused) co_return std::unexpected(std::move(failure.error));
  if (failure.maybe_done) {
    co_return fail(ErrorCode::OutcomeUnknown,
                   "the transaction may or may not have been done: its repetition was refused", true);
  }
  if (failure.reasons.size() != operations.size()) {
    co_return fail(ErrorCode::ProtocolError,
                   fmt::format("a transaction of {} operations was refused for {} reasons", operations.size(),
                               failure.reasons.size()));
  }
  for (table::service::CancellationReason& reason : failure.reasons) {
    table::TransactOutcome::Refusal& refusal = outcome.refusals.emplace_back();
    refusal.refused = reason.code == "ConditionalCheckFailed";
    if (refusal.refused) refusal.item = table::live(std::move(reason.item), call.now);
  }
  co_return outcome;
}

Task<Result<table::Page>> DaxTable::pages(Method method, std::size_t limit, std::optional<std::string> cursor,
                                          MakeBytes make_bytes, Call call) {
  std::optional<Key> after;
  if (cursor) {
    CO_TRY(auto key, table::service::read_cursor(*cursor));
    after = std::move(key);
  }
  table::Page page;
  std::size_t bytes = 0;
  for (int requests = 0; requests < kPagesMax; ++requests) {
    // Only live items count. So if the first page had too few, the next ones are read whole.
    PageReply read;
    Request request = fixed(method, make_bytes(requests == 0 ? limit : 0, after));
    request.read = [&read](std::string_view values, ReplyNames& names) -> Result<void> {
      TRY(read, read_page(values, names));
      return {};
    };
    CO_TRY_OK(co_await ask(std::move(request), call.deadline));
    after = std::move(read.last);
    for (Item& item : read.items) {
      if (!table::is_live(item, call.now)) continue;
      if (limit > 0 && page.items.size() == limit) {
        page.next = table::service::make_cursor(page.items.back().key);
        co_return page;
      }
      bytes += limit > 0 ? table::item_size(item) : 0;
      page.items.push_back(std::move(item));
    }
    if (!after || limit == 0 || page.items.size() == limit || bytes >= kPageBytes) break;
  }
  if (after) page.next = table::service::make_cursor(*after);
  co_return page;
}

Task<Result<table::Page>> DaxTable::query(table::Query query, Call call) {
  CO_TRY_OK(table::check_query(query));
  if (!keys_are_checked()) {
    CO_TRY_OK(co_await check_keys(call.deadline));
  }
  const std::size_t limit = query.limit;
  std::optional<std::string> cursor = std::move(query.cursor);
  MakeBytes make_bytes = [name = settings_.table, query = std::move(query), consistency = call.consistency](
                             std::size_t most, const std::optional<Key>& after) {
    return query_call(name, query, most, after, consistency);
  };
  co_return co_await pages(Method::Query, limit, std::move(cursor), std::move(make_bytes), call);
}

Task<Result<table::Page>> DaxTable::scan(table::Scan scan, Call call) {
  CO_TRY_OK(table::check_scan(scan));
  if (!keys_are_checked()) {
    CO_TRY_OK(co_await check_keys(call.deadline));
  }
  const std::size_t limit = scan.has_prefix() ? 0 : scan.limit;
  std::optional<std::string> cursor = scan.cursor;
  MakeBytes make_bytes = [name = settings_.table, scan, consistency = call.consistency](
                             std::size_t most, const std::optional<Key>& after) {
    return scan_call(name, scan, most, after, consistency);
  };
  CO_TRY(auto page, co_await pages(Method::Scan, limit, std::move(cursor), std::move(make_bytes), call));
  if (scan.has_prefix()) select_items(page, scan);
  co_return page;
}

std::string DaxTable::cursor_after(const Key& key) const {
  return table::service::make_cursor(key);
}

Task<Result<table::InitOutcome>> DaxTable::initialise(Call) {
  co_return fail(ErrorCode::Unsupported, "a DAX cluster does not create tables: DynamoDB itself does");
}

}  // namespace loopstate::dax
