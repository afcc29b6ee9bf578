// A folder that is removed with the test, and blocking calls.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "embedded/embedded_table.hpp"
#include "port/runner.hpp"
#include "table/table.hpp"
#include "times.hpp"

namespace loopstate::embedded {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "loopstate-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name = "store.db") const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// LMDB's page, on the machines that the tests run on.
inline constexpr std::size_t kPage = 4096;
inline constexpr Timestamp kNow{std::chrono::seconds{1'700'000'000}};

/// What a call returned; if that is an error, the test fails and continues with an empty value.
template <typename T>
T value_or_fail(Result<T> result) {
  if (result) return std::move(*result);
  ADD_FAILURE() << to_string(result.error().code) << ": " << result.error().message;
  return T{};
}

/// A table and blocking calls on it.
class Opened {
 public:
  explicit Opened(std::shared_ptr<table::Table> table) : table_(std::move(table)) {}
  explicit Opened(EmbeddedOptions options) : Opened(value_or_fail(open_embedded(std::move(options)))) {}
  explicit Opened(const std::string& path) : Opened(options_for(path)) {}

  static EmbeddedOptions options_for(const std::string& path) {
    EmbeddedOptions out;
    out.path = path;
    return out;
  }

  table::Call call() const { return {now, Deadline::max()}; }

  Result<std::optional<table::Item>> get(const std::string& pk, const std::string& sk) {
    return runner_.run(table_->get({pk, sk}, call()));
  }
  Result<table::WriteOutcome> put(table::Item item, table::Condition condition = {}) {
    return runner_.run(table_->put({std::move(item), std::move(condition)}, call()));
  }
  Result<table::WriteOutcome> update(table::UpdateItem update) {
    return runner_.run(table_->update(std::move(update), call()));
  }
  Result<table::WriteOutcome> erase(const std::string& pk, const std::string& sk,
                                    table::Condition condition = {}) {
    return runner_.run(table_->erase({{pk, sk}, std::move(condition)}, call()));
  }
  Result<table::TransactOutcome> transact(std::vector<table::Operation> operations, std::string token) {
    return runner_.run(table_->transact(std::move(operations), std::move(token), call()));
  }
  Result<table::Page> query(table::Query query) {
    return runner_.run(table_->query(std::move(query), call()));
  }
  Result<table::Page> scan(table::Scan scan = {}) {
    return runner_.run(table_->scan(std::move(scan), call()));
  }

  table::Table& table() { return *table_; }
  std::shared_ptr<table::Table> pointer() { return table_; }
  table::Runner& runner() { return runner_; }
  EmbeddedCounters counters() { return counters_of(*table_).value_or(EmbeddedCounters{}); }
  void close() { table_.reset(); }

  Timestamp now = kNow;

 private:
  table::Runner runner_;
  std::shared_ptr<table::Table> table_;
};

inline table::Item item_of(const std::string& pk, const std::string& sk, table::Attributes attributes = {}) {
  return {{pk, sk}, std::move(attributes)};
}

}  // namespace loopstate::embedded
