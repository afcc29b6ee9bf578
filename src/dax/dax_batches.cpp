// Batches: what the cluster leaves unprocessed is requested again, until nothing is left.
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <map>

#include "base/try.hpp"
#include "dax/dax_table.hpp"
#include "dax/requests.hpp"
#include "table/limits.hpp"
#include "table/service/batch.hpp"

namespace loopstate::dax {

using table::Call;
using table::Item;
using table::Key;
using table::service::not_processed;
using table::service::partly_written;
using table::service::place;
using table::service::positions;
using Answers = table::service::BatchAnswers;

Task<Result<Answers>> DaxTable::batch_get(std::vector<Key> keys, Call call) {
  CO_TRY_OK(table::check_batch(keys));
  if (!keys_are_checked()) {
    CO_TRY_OK(co_await check_keys(call.deadline));
  }
  const std::map<Key, std::size_t> at = positions(keys);
  Answers answers(keys.size());
  std::vector<Key> left = std::move(keys);
  std::uint32_t idle_rounds = 0;  // consecutive rounds in which nothing was processed
  Error error;
  bool any = false;
  while (!left.empty()) {
    BatchGetReply read;
    Request request;
    request.method = Method::BatchGetItem;
    request.bytes = [&](const std::vector<ListId>&) -> Result<std::string> {
      return batch_get_call(settings_.table, left, call.consistency);
    };
    request.read = [&](std::string_view values, ReplyNames& names) -> Result<void> {
      TRY(read, read_batch_get(values, settings_.table, names));
      return {};
    };
    Result<void> asked = co_await ask(std::move(request), call.deadline);
    if (!asked) {
      error = std::move(asked.error());
      break;
    }
    CO_TRY_OK(place(answers, at, read.items, call.now));
    const bool progress = read.unprocessed.size() < left.size();
    any = any || progress;
    left = std::move(read.unprocessed);
    idle_rounds = progress ? 0 : idle_rounds + 1;
    if (left.empty() || progress) continue;
    if (idle_rounds >= caller_.retry_settings().attempts_max) {
      error = not_processed("the cluster", left.size());
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

Task<Result<void>> DaxTable::batch_put(std::vector<Item> items, Call call) {
  CO_TRY_OK(table::check_batch(items));
  if (!keys_are_checked()) {
    CO_TRY_OK(co_await check_keys(call.deadline));
  }
  const std::size_t all = items.size();
  std::vector<Item> left = std::move(items);
  std::uint32_t idle_rounds = 0;
  Error error;
  while (true) {
    std::vector<Key> unprocessed;
    Request request;
    request.method = Method::BatchWriteItem;
    for (const Item& item : left) request.items.push_back(&item.attributes);
    request.bytes = [&](const std::vector<ListId>& lists) -> Result<std::string> {
      return batch_put_call(settings_.table, left, lists);
    };
    request.read = [&](std::string_view values, ReplyNames&) -> Result<void> {
      TRY(unprocessed, read_unprocessed_puts(values, settings_.table));
      return {};
    };
    Result<void> asked = co_await ask(std::move(request), call.deadline);
    if (!asked) {
      error = std::move(asked.error());
      break;
    }
    const std::size_t before = left.size();
    std::erase_if(left, [&](const Item& item) {
      return std::ranges::find(unprocessed, item.key) == unprocessed.end();
    });
    if (left.empty()) co_return Result<void>();
    idle_rounds = left.size() < before ? 0 : idle_rounds + 1;
    if (idle_rounds >= caller_.retry_settings().attempts_max) {
      error = not_processed("the cluster", left.size());
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

}  // namespace loopstate::dax
