// What every engine promises, as engine-independent tests. An executable links these tests and says
//   INSTANTIATE_TEST_SUITE_P(Embedded, PortConformance, testing::Values(engine), engine_name);
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "port/runner.hpp"
#include "table/table.hpp"
#include "times.hpp"

namespace loopstate::table {

/// The item that most tests are about.
inline const Key kKey{"p", "s"};

/// Where engines may differ.
struct EngineTraits {
  std::size_t max_key_bytes = 2048 + 1024;  ///< of both parts in total
  bool tokens_follow_the_clock = true;      ///< transaction tokens are forgotten by `Call::now`
  std::uint64_t random_sequences = 40;      ///< as many as pass in a few seconds
};

struct Engine {
  std::string name;
  EngineTraits traits;
  /// A fresh, empty, initialised table; whatever it is built on is destroyed with it. Called on a thread that
  /// runs nothing of the executor's.
  std::function<std::shared_ptr<Table>(boost::asio::any_io_executor)> open;
};

inline std::string engine_name(const testing::TestParamInfo<Engine>& info) {
  return info.param.name;
}
void PrintTo(const Engine& engine, std::ostream* out);

inline Value n(std::int64_t value) {
  return Value::number(value);
}
inline Value n(Timestamp at) {
  return Value::time(at);
}

/// A fresh token on every call, also across processes.
std::string fresh_token();

class PortConformance : public testing::TestWithParam<Engine> {
 protected:
  PortConformance();
  ~PortConformance() override;

  Call at(Timestamp now) const { return Call{now, Deadline::max()}; }
  Call call() const { return at(now_); }

  Result<std::optional<Item>> get(Key key) { return run(table_->get(std::move(key), call())); }
  Result<WriteOutcome> put(Item item, Condition condition = {});
  Result<WriteOutcome> update(Key key, Update update, Condition condition = {});
  Result<WriteOutcome> erase(Key key, Condition condition = {});
  Result<TransactOutcome> transact(std::vector<Operation> operations, std::string token = fresh_token());
  Result<Page> query(Query query) { return run(table_->query(std::move(query), call())); }
  Result<Page> scan(Scan scan) { return run(table_->scan(std::move(scan), call())); }

  /// The item, which must exist.
  Item stored(Key key);
  /// Every page, following the cursors; fails the test if pages do not end.
  template <typename Request>
  std::vector<Item> all_pages(Request request, Result<Page> (PortConformance::*ask)(Request));
  std::vector<Item> query_all(Query query);
  std::vector<Item> scan_all(Scan scan);
  std::vector<std::string> sort_keys(Query query);
  /// Stores items p/KEY without attributes.
  void put_keys(const std::vector<std::string>& sort_keys);
  /// An item p/sk that expired a second ago.
  void put_expired(std::string sk, Attributes attributes = {});

  template <typename T>
  T run(boost::asio::awaitable<T> task) {
    return runner_.run(std::move(task));
  }

  Timestamp now_{std::chrono::seconds{1'700'000'000}};
  Runner runner_{4};
  std::shared_ptr<Table> table_;
};

/// The code of a failure; Internal if it was not one.
template <typename T>
ErrorCode code_of(const Result<T>& result) {
  return result ? ErrorCode::Internal : result.error().code;
}

}  // namespace loopstate::table
