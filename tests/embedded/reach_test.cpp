// What a transaction does to the file, compared with what was looked at before: LMDB changes no page of the
// committed state, and takes nothing out of one, that its check has not seen. LOOPSTATE_REACH_RUNS says how
// many stores are made and changed (12); a failing one prints its seed, which LOOPSTATE_TEST_SEED repeats.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <map>
#include <random>
#include <set>

#include "base/timestamp.hpp"
#include "embedded/big_endian.hpp"
#include "embedded/changes.hpp"
#include "embedded/encoding.hpp"
#include "embedded/expiry_index.hpp"
#include "embedded/fault_guard.hpp"
#include "embedded/file_format.hpp"
#include "embedded/fixture.hpp"
#include "embedded/inspection.hpp"
#include "embedded/item_key.hpp"
#include "embedded/moment.hpp"
#include "embedded/seed.hpp"
#include "embedded/tokens.hpp"

namespace loopstate::embedded {
namespace {

/// The pages of a state's trees: branches and leaves, also of the trees within `expiry`.
class TreePages {
 public:
  TreePages(const PageFile& file, const Moment& moment) : file_(file) {
    for (const auto* tree : {&moment.meta, &moment.items, &moment.expiry, &moment.tokens}) add(*tree);
  }
  const std::map<std::uint64_t, std::string>& pages() const { return pages_; }

 private:
  void add(const lmdb_layout::Database& tree) {
    if (tree.root != kNoPage) add(tree.root, tree.depth);
  }
  void add(std::uint64_t number, unsigned levels) {
    std::string bytes;
    ASSERT_TRUE(file_.read(number, 1, bytes));
    const auto kind = levels > 1 ? PageView::Kind::Branch : PageView::Kind::Leaf;
    const PageView page(bytes);
    ASSERT_EQ(page.fault(number, kind), nullptr) << number;
    for (std::size_t i = 0; i < page.count(); ++i) {
      const auto node = page.node(i, kind);
      if (levels > 1) {
        add(node->child, levels - 1);
      } else if (const auto tree = node->tree()) {
        add(*tree);
      }
    }
    pages_.emplace(number, fmt::format("{} page {} of {} entries", levels > 1 ? "branch" : "leaf", number,
                                       page.count()));
  }

  PageFile file_;
  std::map<std::uint64_t, std::string> pages_;
};

/// A store below its table, so that a test sees the check of each transaction.
class Store {
 public:
  explicit Store(const std::string& path) : fd_(make(path)), file_(fd_, kPage), check_(file_) {
    MDB_env* raw = nullptr;
    EXPECT_EQ(mdb_env_create(&raw), 0);
    env_.reset(raw);
    mdb_env_set_maxdbs(raw, 8);
    mdb_env_set_mapsize(raw, std::size_t{256} << 20);
    EXPECT_EQ(mdb_env_open(raw, path.c_str(), MDB_NOSUBDIR | MDB_NOTLS | MDB_NOLOCK | MDB_NOSYNC, 0600), 0);
    install_fault_guard(raw);
    MDB_txn* txn = nullptr;
    EXPECT_EQ(mdb_txn_begin(raw, nullptr, 0, &txn), 0);
    databases_ = value_or_fail(file_format::open_databases(txn, path));
    EXPECT_EQ(mdb_txn_commit(txn), 0);
    before_ = pages();
  }
  ~Store() { close(fd_); }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// One transaction. Afterwards every page that is no longer part of the state must have been looked at.
  template <typename Work>
  void transact(Work work) {
    MDB_txn* txn = nullptr;
    ASSERT_EQ(mdb_txn_begin(env_.get(), nullptr, 0, &txn), 0);
    Changes changes(txn, databases_, check_);
    work(changes);
    ASSERT_EQ(changes.finish(), 0);
    ASSERT_EQ(mdb_txn_commit(txn), 0);
    const auto after = pages();
    for (const auto& [page, what] : before_) {
      if (after.contains(page)) continue;
      ++changed;
      EXPECT_TRUE(check_.has_looked_at(page)) << "changed without a look: " << what;
    }
    before_ = after;
  }

  Moment moment() const {
    const auto even = read_head_in(file_, 0), odd = read_head_in(file_, 1);
    EXPECT_TRUE(even && odd);
    return *read_moment(file_, even->transaction > odd->transaction ? *even : *odd);
  }
  std::vector<table::Finding> findings() const { return inspect_pages(file_, moment()).findings; }

  std::uint64_t changed = 0;  ///< pages of all transactions

 private:
  static int make(const std::string& path) {
    value_or_fail(file_format::create_file(path, false));
    return open(path.c_str(), O_RDONLY | O_CLOEXEC);
  }
  std::map<std::uint64_t, std::string> pages() const { return TreePages(file_, moment()).pages(); }

  int fd_;
  PageFile file_;
  EnvPointer env_;
  Databases databases_;
  WriteCheck check_;
  std::map<std::uint64_t, std::string> before_;
};

/// Transactions made of what tells most on LMDB's pages: long and short keys, records about as large as a
/// page can just hold, seconds that few or many items share, and neighbours that go together.
class RandomWork {
 public:
  RandomWork(Store& store, std::uint64_t seed) : store_(store), random_(seed) {
    keys_ = static_cast<Keys>(below(3));
    large_records_ = one_in(2);
    seconds_ = 1 + below(one_in(2) ? 6 : 400);
  }

  void run(int transactions) {
    for (int i = 0; i < transactions && !testing::Test::HasFailure(); ++i) {
      store_.transact([this](Changes& changes) {
        const int parts = one_in(4) ? 12 : 1 + static_cast<int>(below(3));
        for (int part = 0; part < parts && !testing::Test::HasFailure(); ++part) some(changes);
      });
    }
  }

  /// The items that the store must have now.
  std::size_t items() const { return items_.size(); }

 private:
  using Second = std::optional<Timestamp>;
  /// The longest ones make branches of few children.
  enum class Keys : std::uint8_t { Short, Long, Longest };

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t of) { return below(of) == 0; }

  void some(Changes& changes) {
    const bool shrink = items_.size() > 1500 || (items_.size() > 300 && one_in(3));
    switch (below(shrink ? 9 : 7)) {
      case 0:
      case 1:
        return put_row(changes, 1 + below(40));
      case 2:
        return put_row(changes, 1 + below(3));
      case 3:
        return rewrite(changes, 1 + below(10));
      case 4:
        return put_tokens(changes, below(20));
      case 5:
      case 6:
        return remove_row(changes, 1 + below(8));
      case 7:
        return remove_row(changes, 1 + below(120));
      default:
        return sweep(changes, 1 + below(130));
    }
  }

  std::string new_key() {
    const std::string partition = fmt::format("{:03}", below(50));
    std::string sort = fmt::format("{:05}", below(100'000));
    if (keys_ == Keys::Long) sort.append(one_in(3) ? below(495) : 250 + below(60), '.');
    if (keys_ == Keys::Longest) sort.append(495, '.');
    return value_or_fail(encode_key({partition, sort}));
  }

  /// As many bytes as a record can have beside others in its page, about; or any other number.
  std::size_t new_size(std::size_t key_bytes) {
    constexpr std::size_t kMostInPage = 2038;
    if (!large_records_) return below(200);
    switch (below(5)) {
      case 0:
        return below(12'000);
      case 1:
        return kMostInPage - 40 - std::min<std::size_t>(key_bytes, 600) + below(60);
      case 2:
        return below(2000);
      default:
        return below(200);
    }
  }

  void put(Changes& changes, const std::string& key) {
    table::Attributes attributes{{"data", std::string(new_size(key.size()), 'x')}};
    if (!one_in(8)) {
      attributes.set("ttl", table::Value::time(kNow + std::chrono::seconds(below(seconds_))));
    }
    const auto record = encode_record(key, attributes);
    std::string_view stored;
    const int code = changes.find_item(key, stored);
    ASSERT_EQ(code == 0, items_.contains(key));
    const auto checksum = code == 0 ? std::optional(checksum_in(stored)) : std::nullopt;
    const Second before = code == 0 ? items_.at(key) : std::nullopt, after = expires_at(attributes);
    ASSERT_EQ(changes.put_item(key, record, checksum), 0);
    ASSERT_EQ(update_expiry(changes, key, before, after), 0);
    note(key, before, after);
    items_[key] = after;
  }

  void remove(Changes& changes, const std::string& key) {
    std::string_view stored;
    ASSERT_EQ(changes.find_item(key, stored), 0) << "an item is lost";
    const Second before = items_.at(key);
    ASSERT_EQ(changes.remove_item(key, checksum_in(stored)), 0);
    ASSERT_EQ(update_expiry(changes, key, before, std::nullopt), 0);
    note(key, before, std::nullopt);
    items_.erase(key);
  }

  void note(const std::string& key, Second before, Second after) {
    if (before) expiry_.erase({*before, key});
    if (after) expiry_.emplace(*after, key);
  }

  /// Some of them neighbours.
  void put_row(Changes& changes, std::size_t count) {
    std::string key = new_key();
    for (std::size_t i = 0; i < count; ++i) {
      put(changes, key);
      key = one_in(3) || key.size() > 500 ? new_key() : key + static_cast<char>('a' + below(26));
    }
  }

  std::map<std::string, Second>::iterator any() {
    const auto at = items_.lower_bound(new_key());
    return at == items_.end() ? items_.begin() : at;
  }

  void rewrite(Changes& changes, std::size_t count) {
    for (std::size_t i = 0; i < count && !items_.empty(); ++i) put(changes, any()->first);
  }

  /// Neighbours in either order; some come back at once.
  void remove_row(Changes& changes, std::size_t count) {
    auto at = items_.empty() ? items_.end() : any();
    const bool backwards = one_in(2);
    for (std::size_t i = 0; i < count && at != items_.end(); ++i) {
      const std::string key = at->first;
      remove(changes, key);
      if (testing::Test::HasFailure()) return;
      if (one_in(12)) put(changes, key);
      at = items_.lower_bound(key);
      if (backwards && at != items_.begin()) at = std::prev(at);
      if (at != items_.end() && one_in(10)) ++at;
    }
  }

  void sweep(Changes& changes, std::size_t bound) {
    const auto until = kNow + std::chrono::seconds(below(2 * seconds_));
    ASSERT_EQ(sweep_expired(changes, until, bound).code, 0);
    for (std::size_t i = 0; i < bound && !expiry_.empty() && expiry_.begin()->first <= until; ++i) {
      items_.erase(expiry_.begin()->second);
      expiry_.erase(expiry_.begin());
    }
  }

  void put_tokens(Changes& changes, std::size_t count) {
    WriteRequest request;
    for (std::size_t i = 0; i < count; ++i) {
      request.call.now = kNow + std::chrono::seconds(600 * below(3'000'000) / 100'000);
      request.token = fmt::format("{:06}", below(1'000'000)) + std::string(below(40), 't');
      ASSERT_EQ(remember_token(changes, request), 0);
    }
    if (one_in(4)) {
      const auto until = kNow + std::chrono::seconds(600 * below(40));
      ASSERT_EQ(sweep_tokens(changes, until, 1 + below(128)).code, 0);
    }
  }

  Store& store_;
  std::mt19937_64 random_;
  Keys keys_ = Keys::Short;
  bool large_records_ = false;
  std::size_t seconds_ = 1;
  std::map<std::string, Second> items_;
  std::set<std::pair<Timestamp, std::string>> expiry_;
};

/// Two values of a second take more than each by itself. Left of the middle of a leaf are small nodes, so
/// that the page that has them after a split is nearly empty once a few are gone.
TEST(Reach, ALeafThatSecondValuesOfNewKeysMaySplitIsLookedAtAsSplit) {
  const Folder folder;
  Store store(folder.file());
  const auto large = [](int second) { return fmt::format("{:0>200}", second); };
  const auto small = [](int second) { return fmt::format("{:0>8}", second); };
  const auto put = [](Changes& changes, int second, const std::string& value) {
    ASSERT_EQ(changes.put(changes.databases().expiry, OrderedSecond(second).view(), value, MDB_NODUPDATA), 0);
  };
  const auto remove = [](Changes& changes, int second, const std::string& value) {
    ASSERT_EQ(changes.remove(changes.databases().expiry, OrderedSecond(second).view(), value), 0);
  };
  store.transact([&](Changes& changes) {
    for (int second = 0; second <= 18; ++second) put(changes, second, large(second));
    for (int second = 100; second < 130; ++second) put(changes, second, small(second));
    for (int second = 200; second < 204; ++second) put(changes, second, large(second));
  });
  store.transact([&](Changes& changes) {
    for (int second = 17; second <= 18; ++second) remove(changes, second, large(second));
  });
  ASSERT_EQ(store.moment().expiry.leaf_pages, 2u);
  store.transact([&](Changes& changes) {
    for (int second = 150; second < 190; ++second) {
      put(changes, second, small(0));
      put(changes, second, small(1));
    }
    for (int second = 100; second < 115; ++second) remove(changes, second, small(second));
  });
  EXPECT_EQ(store.moment().expiry.leaf_pages, 3u);
}

/// A node takes its offset too, and begins at an even place: of 26 bytes here, 23 are its own.
TEST(Reach, ALeafThatManySmallRemovalsEmptyIsLookedAtWithItsNeighbours) {
  const Folder folder;
  Store store(folder.file());
  store.transact([](Changes& changes) {
    for (int second = 0; second < 500; ++second) {
      ASSERT_EQ(changes.put(changes.databases().expiry, OrderedSecond(second).view(), "an item"), 0);
    }
  });
  ASSERT_EQ(store.moment().expiry.leaf_pages, 4u);
  store.transact([](Changes& changes) {
    for (int second = 170; second < 288; ++second) {
      ASSERT_EQ(changes.remove(changes.databases().expiry, OrderedSecond(second).view(), "an item"), 0);
    }
  });
  EXPECT_EQ(store.changed, 3u) << "the root, the leaf and the one before it";
}

/// As LMDB leaves them by itself: a record that its transaction made smaller keeps its overflow pages.
TEST(Reach, OverflowPagesThatASmallerRecordKeptAreSoundAndBecomeFreeWithIt) {
  const Folder folder;
  Store store(folder.file());
  const std::string key = value_or_fail(encode_key({"p", "s"}));
  const auto record_of = [&](std::size_t bytes) {
    return encode_record(key, {{"data", std::string(bytes, 'x')}});
  };
  store.transact([&](Changes& changes) {
    ASSERT_EQ(changes.put(changes.databases().items, key, record_of(20'000)), 0);
    ASSERT_EQ(changes.put_item(key, record_of(5000), std::nullopt), 0);
  });
  EXPECT_THAT(store.findings(), testing::IsEmpty());
  store.transact(
      [&](Changes& changes) { ASSERT_EQ(changes.remove_item(key, checksum_in(record_of(5000))), 0); });
  EXPECT_THAT(store.findings(), testing::IsEmpty());
}

TEST(Reach, NoPageIsChangedThatWasNotLookedAt) {
  const std::uint64_t first = test_seed();
  const int runs = test_count("LOOPSTATE_REACH_RUNS", 12);
  std::uint64_t changed = 0;
  for (int run = 0; run < runs && !HasFailure(); ++run) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(run);
    SCOPED_TRACE(fmt::format("LOOPSTATE_TEST_SEED={} LOOPSTATE_REACH_RUNS=1", seed));
    const Folder folder;
    Store store(folder.file());
    RandomWork work(store, seed);
    work.run(60);
    for (const auto& finding : store.findings()) ADD_FAILURE() << finding.subject << ": " << finding.detail;
    EXPECT_EQ(store.moment().items.entries, work.items());
    changed += store.changed;
  }
  RecordProperty("changed_pages", std::to_string(changed));
}

}  // namespace
}  // namespace loopstate::embedded
