// Many contexts at once: one batch request for each 100 users, a few in parallel.

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "async/parallel.hpp"
#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/rows/keys.hpp"
#include "store/rules/context_write.hpp"

namespace loopstate {
namespace {

constexpr std::size_t kMaxParallelBatches = 4;

using store::CorePtr;

// Each user once, in batches of 100; every result goes to all the places that asked for that user.
struct Job {
  std::vector<std::string> users;
  std::map<std::string, std::vector<std::size_t>> places;
  std::vector<Result<Context>> answers;
};

Result<Context> to_context(Result<std::optional<table::Item>> row, const std::string& user) {
  if (!row) return std::unexpected(std::move(row.error()));
  TRY(auto place, store::read_context_place(*row));
  if (place.tombstone) return store::erased(user);
  if (!place.context) return store::no_context(user);
  return std::move(*place.context);
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

Task<std::vector<Result<Context>>> fetch_many_on(CorePtr core, std::vector<UserId> users,
                                                 ReadOptions options) {
  const auto call = store::begin_read(*core, options);
  auto job = make_job(users);
  const auto batches = (job->users.size() + table::kMaxBatchGetKeys - 1) / table::kMaxBatchGetKeys;
  std::function<Task<void>(std::size_t)> fetch = [core, job, call](std::size_t batch) {
    return fetch_batch(core, job, batch * table::kMaxBatchGetKeys, call);
  };
  const bool all = co_await async::in_parallel(batches, kMaxParallelBatches, std::move(fetch));
  if (!all) co_return cancelled(users.size());  // what is still running holds the job
  co_return std::move(job->answers);
}

}  // namespace

Task<std::vector<Result<Context>>> Store::fetch_many(std::vector<UserId> users, ReadOptions options) {
  return fetch_many_on(core_, std::move(users), std::move(options));
}

}  // namespace loopstate
