// The same users in an embedded table and in a plain LMDB file.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "embedded/checksum.hpp"
#include "embedded/embedded_table.hpp"
#include "raw_lmdb.hpp"
#include "scratch_folder.hpp"
#include "table/table.hpp"

namespace loopstate::bench {

inline table::Key context_key(std::size_t user) {
  return {fmt::format("USER#user-{:06}", user), "CONTEXT"};
}

/// As the rules keep it: the JSON, the version, the ids of the last writes (at most 16) and of the ring (at
/// most 10). A user's first context has one write id and an empty ring.
struct ContextLists {
  std::size_t write_ids = 16;
  std::size_t ring = 10;
  friend bool operator==(const ContextLists&, const ContextLists&) = default;
};

inline table::Item context_item(std::size_t user, std::size_t bytes, std::int64_t version,
                                ContextLists lists = {}) {
  std::string write_ids;
  for (std::size_t i = 0; i < lists.write_ids; ++i) write_ids += "1700000abcdefgh\n";
  std::string ring;
  for (std::size_t i = 0; i < lists.ring; ++i) ring += "00000000001700000000#abcdefgh\n";
  return {context_key(user),
          {{"context_data", std::string(bytes, 'x')},
           {"ring", std::move(ring)},
           {"updated_at", table::Value::number(std::int64_t{1'700'000'000})},
           {"version", table::Value::number(version)},
           {"write_ids", std::move(write_ids)}}};
}

/// What the embedded engine stores it under, and what it stores.
inline std::string raw_key(const table::Key& key) {
  return key.pk + '\0' + key.sk;
}
inline std::string raw_bytes(const table::Item& item) {
  return embedded::encode_record(raw_key(item.key), item.attributes);
}

class PortFixture {
 public:
  /// Filled without waiting for the disk, then reopened as asked.
  PortFixture(std::size_t users, std::size_t context_bytes, embedded::Durability durability,
              ContextLists lists = {})
      : users_(users), context_bytes_(context_bytes), lists_(lists) {
    fill();
    table_ = open(durability);
    raw_ = std::make_unique<RawLmdb>((folder_.path / "raw.db").string(),
                                     durability == embedded::Durability::PowerLoss);
  }

  template <typename T>
  T run(boost::asio::awaitable<T> task) {
    std::optional<T> answer;
    io_.restart();
    boost::asio::co_spawn(io_, std::move(task),
                          [&](const std::exception_ptr&, T value) { answer = std::move(value); });
    io_.run();
    return std::move(*answer);
  }

  boost::asio::io_context& io() { return io_; }
  table::Table& table() { return *table_; }
  RawLmdb& raw() { return *raw_; }
  std::size_t users() const { return users_; }
  std::size_t context_bytes() const { return context_bytes_; }
  const ContextLists& lists() const { return lists_; }
  /// Everyone in turn, never two neighbours in a row.
  std::size_t next() { return at_ = (at_ + 7919) % users_; }
  embedded::EmbeddedCounters counters() const { return *embedded::counters_of(*table_); }

 private:
  std::shared_ptr<table::Table> open(embedded::Durability durability) {
    embedded::EmbeddedOptions options;
    options.path = (folder_.path / "port.db").string();
    options.durability = durability;
    return embedded::open_embedded(options).value();
  }

  void fill() {
    const auto table = open(embedded::Durability::ProcessDeath);
    RawLmdb raw((folder_.path / "raw.db").string(), false);
    for (std::size_t user = 0; user < users_;) {
      std::vector<table::Item> items;
      MDB_txn* txn = raw.begin_write();
      for (; user < users_ && items.size() < table::kMaxBatchPutItems; ++user) {
        items.push_back(context_item(user, context_bytes_, 1, lists_));
        raw.put(txn, raw_key(items.back().key), raw_bytes(items.back()));
      }
      check(mdb_txn_commit(txn));
      run(table->batch_put(std::move(items), table::Call{})).value();
    }
  }

  ScratchFolder folder_;
  boost::asio::io_context io_{1};
  std::size_t users_;
  std::size_t context_bytes_;
  ContextLists lists_;
  std::size_t at_ = 0;
  std::shared_ptr<table::Table> table_;
  std::unique_ptr<RawLmdb> raw_;
};

}  // namespace loopstate::bench
