// Many contexts at once: one batch request for each 100 users, a few in parallel.

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <memory>
#include <utility>

#include "loopstate/store.hpp"
#include "store/context_write.hpp"
#include "store/keys.hpp"

namespace loopstate {
namespace {

constexpr std::size_t kMaxParallelBatches = 4;

using store::CorePtr;
using Done = boost::asio::experimental::concurrent_channel<void(boost::system::error_code)>;

// Each user once, in batches of 100; every answer goes to all the places that asked for that user.
struct Job {
  std::vector<std::string> users;
  std::map<std::string, std::vector<std::size_t>> places;
  std::vector<Result<Context>> answers;
};

Result<Context> to_context(Result<std::optional<table::Item>> row, const std::string& user) {
  if (!row) return std::unexpected(std::move(row.error()));
  auto place = store::read_context_place(*row);
  if (!place) return std::unexpected(std::move(place.error()));
  if (place->tombstone) return store::erased(user);
  if (!place->context) return store::no_context(user);
  return std::move(*place->context);
}

void answer(Job& job, const std::string& user, const Result<Context>& result) {
  for (const auto place : job.places.at(user)) job.answers[place] = result;
}

Task<void> fetch_batch(CorePtr core, std::shared_ptr<Job> job, std::size_t first, table::Call call) {
  const auto last = std::min(first + table::kMaxBatchGetKeys, job->users.size());
  std::vector<table::Key> keys;
  for (auto i = first; i < last; ++i) keys.push_back(store::context_key(job->users[i]));
  auto rows = co_await core->table->batch_get(std::move(keys), call);
  for (auto i = first; i < last; ++i) {
    const auto& user = job->users[i];
    answer(*job, user,
           rows ? to_context(std::move((*rows)[i - first]), user) : std::unexpected(rows.error()));
  }
}

// One of the parallel workers: every `stride`-th batch.
Task<void> worker(CorePtr core, std::shared_ptr<Job> job, std::size_t first, std::size_t stride,
                  table::Call call) {
  for (auto at = first; at < job->users.size(); at += stride) co_await fetch_batch(core, job, at, call);
}

std::shared_ptr<Job> make_job(const std::vector<UserId>& users) {
  auto job = std::make_shared<Job>();
  job->answers.assign(users.size(), store::no_context(""));
  for (std::size_t i = 0; i < users.size(); ++i) {
    if (auto ok = store::check_given(users[i]); !ok) {
      job->answers[i] = std::unexpected(std::move(ok.error()));
      continue;
    }
    auto& places = job->places[users[i].text()];
    if (places.empty()) job->users.push_back(users[i].text());
    places.push_back(i);
  }
  return job;
}

std::vector<Result<Context>> cancelled(std::size_t count) {
  return {count, fail(ErrorCode::Cancelled, "the call was cancelled")};
}

}  // namespace

Task<std::vector<Result<Context>>> Store::fetch_many(std::vector<UserId> users, CallOptions options) {
  auto core = core_;
  const auto call = store::begin_read(*core, options);
  auto job = make_job(users);
  const auto batches = (job->users.size() + table::kMaxBatchGetKeys - 1) / table::kMaxBatchGetKeys;
  const auto workers = std::min(batches, kMaxParallelBatches);
  if (workers <= 1) {
    co_await worker(core, job, 0, table::kMaxBatchGetKeys, call);
    co_return std::move(job->answers);
  }
  const auto executor = co_await boost::asio::this_coro::executor;
  auto done = std::make_shared<Done>(executor, workers);
  for (std::size_t i = 0; i < workers; ++i) {
    boost::asio::co_spawn(
        executor, worker(core, job, i * table::kMaxBatchGetKeys, workers * table::kMaxBatchGetKeys, call),
        [done](const std::exception_ptr&) { done->try_send(boost::system::error_code{}); });
  }
  for (std::size_t i = 0; i < workers; ++i) {
    const auto [ended] = co_await done->async_receive(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (ended) co_return cancelled(users.size());  // the workers still hold the job
  }
  co_return std::move(job->answers);
}

}  // namespace loopstate
