// Batches: what the service leaves unprocessed is requested again, until nothing is left.
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <map>

#include "base/try.hpp"
#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/requests.hpp"
#include "table/limits.hpp"
#include "table/service/batch.hpp"

namespace loopstate::dynamodb {

using table::Call;
using table::Item;
using table::Key;
using table::service::done_but_unreadable;
using table::service::not_processed;
using table::service::partly_written;
using table::service::place;
using table::service::positions;
using Answers = table::service::BatchAnswers;

Task<Result<Answers>> DynamoDbTable::batch_get(std::vector<Key> keys, Call call) {
  CO_TRY_OK(table::check_batch(keys));
  const std::map<Key, std::size_t> at = positions(keys);
  Answers answers(keys.size());
  std::vector<Key> left = std::move(keys);
  std::uint32_t idle_rounds = 0;  // consecutive rounds in which nothing was processed
  Error error;
  bool any = false;
  while (!left.empty()) {
    std::string body = batch_get_body(settings_.table, left, call.consistency);
    CallOutcome reply = co_await caller_.call(Operation::BatchGetItem, std::move(body), call.deadline);
    if (!reply) {
      error = std::move(reply.error().error);
      break;
    }
    Result<BatchGetReply> read = read_batch_get(*reply);
    if (!read) {
      error = std::move(read.error());
      break;
    }
    CO_TRY_OK(place(answers, at, read->items, call.now));
    const bool progress = read->unprocessed.size() < left.size();
    any = any || progress;
    left = std::move(read->unprocessed);
    idle_rounds = progress ? 0 : idle_rounds + 1;
    if (left.empty() || progress) continue;
    if (idle_rounds >= caller_.retry_settings().attempts_max) {
      error = not_processed("the service", left.size());
      break;
    }
    Result<void> paused = co_await caller_.pause(idle_rounds, call.deadline);
    if (!paused) {
      error = std::move(paused.error());
      break;
    }
  }
  if (!left.empty() && !any) co_return std::unexpected(std::move(error));
  for (const Key& key : left) {
    if (const auto found = at.find(key); found != at.end()) answers[found->second] = std::unexpected(error);
  }
  co_return answers;
}

Task<Result<void>> DynamoDbTable::batch_put(std::vector<Item> items, Call call) {
  CO_TRY_OK(table::check_batch(items));
  const std::size_t all = items.size();
  std::vector<Item> left = std::move(items);
  std::uint32_t idle_rounds = 0;
  Error error;
  while (true) {
    CallOutcome reply = co_await caller_.call(Operation::BatchWriteItem,
                                              batch_put_body(settings_.table, left), call.deadline);
    if (!reply) {
      error = std::move(reply.error().error);
      break;
    }
    Result<std::vector<Item>> unprocessed = read_unprocessed_puts(*reply);
    if (!unprocessed) {
      error = done_but_unreadable(Operation::BatchWriteItem, unprocessed.error());
      break;
    }
    const bool progress = unprocessed->size() < left.size();
    left = std::move(*unprocessed);
    if (left.empty()) co_return Result<void>();
    idle_rounds = progress ? 0 : idle_rounds + 1;
    if (idle_rounds >= caller_.retry_settings().attempts_max) {
      error = not_processed("the service", left.size());
      break;
    }
    Result<void> paused = co_await caller_.pause(std::max(idle_rounds, 1u), call.deadline);
    if (!paused) {
      error = std::move(paused.error());
      break;
    }
  }
  if (left.size() < all) error = partly_written(all - left.size(), all, error);
  co_return std::unexpected(std::move(error));
}

}  // namespace loopstate::dynamodb
