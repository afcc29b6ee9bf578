#include "embedded/documents_workload.hpp"

#include <fmt/format.h>
#include <sys/types.h>

#include <csignal>

#include "embedded/embedded_table.hpp"
#include "loopstate/documents.hpp"
#include "port/runner.hpp"
#include "store/hooked_table.hpp"
#include "store/spine/store_access.hpp"
#include "store/upkeep/check.hpp"

namespace loopstate::embedded::documents_workload {
namespace {

constexpr std::int64_t kEntries = 3;
constexpr std::int64_t kKept = 6;
constexpr std::size_t kBigBytes = 1'500'000;
const UserId kUser{"U1"};
const UserId kErased{"U2"};
const CollectionId kLog{"log"};
const CollectionId kNotes{"notes"};

class WorkClock final : public Clock {
 public:
  explicit WorkClock(Timestamp now) : now_(now) {}
  Timestamp now() const override { return now_; }

 private:
  Timestamp now_;
};

/// Begins with the round, so that one sees of which it is.
std::string body_of(std::int64_t round, std::int64_t position) {
  auto body = fmt::format("{} {}\n", round, position);
  const std::size_t bytes = position == 1 ? 400'000 : position == kEntries ? kBigBytes : 100;
  body.resize(bytes, static_cast<char>('a' + round % 26));
  return body;
}

NewDocument document(std::int64_t round, std::int64_t position) {
  NewDocument made;
  made.body = body_of(round, position);
  return made;
}

std::string text_of(const Error& error) {
  return fmt::format("{}: {}", to_string(error.code), error.message);
}

/// Blocking calls, each of which must succeed.
class Worker {
 public:
  Worker(std::shared_ptr<table::Table> table, const Run& run)
      : run_(run), store_(store::store_over(std::move(table), {}, clock_)), documents_(store_) {}

  std::string round(std::int64_t number) {
    append(number);
    put(number);
    if (number % 2 == 0) do_it(documents_.keep_last(kUser, kLog, kKept));
    if (number % 3 == 0) drop(number);
    if (number % 4 == 0) erase(number);
    return trouble_;
  }

 private:
  template <typename T>
  std::optional<T> do_it(Task<Result<T>> task) {
    if (!trouble_.empty()) return std::nullopt;
    auto done = runner_.run(std::move(task));
    if (done) return std::move(*done);
    trouble_ = text_of(done.error());
    return std::nullopt;
  }
  void acknowledge(Kind kind, std::int64_t number) {
    if (trouble_.empty()) run_.acknowledge(fmt::format("{} {}", static_cast<int>(kind), number));
  }

  void append(std::int64_t number) {
    std::vector<NewDocument> entries;
    for (std::int64_t at = 0; at < kEntries; ++at) entries.push_back(document(number, at));
    auto named = CallOptions().request_id(fmt::format("append-{}", number));
    const auto done = do_it(documents_.append(kUser, kLog, std::move(entries), std::move(named)));
    const auto first = static_cast<std::uint64_t>(kEntries * (number - 1) + 1);
    if (done && done->first != first && trouble_.empty())
      trouble_ = fmt::format("the append of round {} is at {}", number, done->first);
    acknowledge(Appended, number);
  }
  void put(std::int64_t number) {
    auto big = document(number, kEntries);
    do_it(documents_.put(kUser, kNotes, "big", big));
    acknowledge(Put, number);
  }
  void drop(std::int64_t number) {
    auto big = document(number, kEntries);
    do_it(documents_.put(kUser, CollectionId{"dropped"}, "big", big));
    do_it(documents_.drop(kUser, CollectionId{"dropped"}));
    acknowledge(Dropped, number);
  }
  void erase(std::int64_t number) {
    do_it(store_.get_or_init(kErased, InitOptions().revive()));
    auto big = document(number, kEntries);
    do_it(documents_.put(kErased, kNotes, "big", big));
    do_it(store_.erase_user(kErased));
    acknowledge(Erased, number);
  }

  const Run& run_;
  WorkClock clock_{workload::kNow};
  table::Runner runner_{1};
  Store store_;
  Documents documents_;
  std::string trouble_;
};

std::int64_t known(const Acknowledged& acknowledged, Kind kind) {
  const auto found = acknowledged.find(kind);
  return found == acknowledged.end() ? 0 : found->second;
}

/// Looks at a store a day after the crash, when orphans count as such.
class Inspector {
 public:
  Inspector(std::shared_ptr<table::Table> table, const Acknowledged& acknowledged)
      : acknowledged_(acknowledged),
        store_(store::store_over(std::move(table), {}, clock_)),
        documents_(store_) {}

  std::string faults() {
    for (const auto part : {&Inspector::log, &Inspector::notes, &Inspector::others, &Inspector::check}) {
      if (auto found = (this->*part)(); !found.empty()) return found;
    }
    return {};
  }

 private:
  std::string log() {
    const auto all = list(kUser, kLog);
    if (!all) return text_of(all.error());
    const auto appended = known(acknowledged_, Appended);
    const auto count = static_cast<std::int64_t>(all->size());
    const auto last = all->empty() ? 0 : static_cast<std::int64_t>(*document_number(all->back().key));
    if (last % kEntries != 0) return fmt::format("the last entry is number {}: half an append", last);
    if (last < kEntries * appended || last > kEntries * (appended + 1))
      return fmt::format("{} appends were acknowledged, but the last entry is number {}", appended, last);
    if (count % kEntries != 0 || count < std::min(kKept, last))
      return fmt::format("there are {} entries", count);
    auto number = last - count;
    for (const auto& entry : *all) {
      ++number;
      if (entry.key != document_key(static_cast<std::uint64_t>(number)))
        return fmt::format("number {} is missing", number);
      if (entry.body != body_of((number - 1) / kEntries + 1, (number - 1) % kEntries))
        return fmt::format("entry {} has another's body", number);
    }
    return {};
  }
  std::string notes() {
    const auto put = known(acknowledged_, Put);
    const auto found = runner_.run(documents_.get(kUser, kNotes, "big"));
    if (!found) {
      const bool may_be = found.error().code == ErrorCode::NotFound && put == 0;
      return may_be ? std::string() : text_of(found.error());
    }
    // A put that was made and not acknowledged is not repeated: the next one is of a later round.
    for (auto round = put; round <= known(acknowledged_, Appended) + 1; ++round) {
      if (found->body == body_of(round, kEntries)) return {};
    }
    return fmt::format("put {} was acknowledged, and something else is stored", put);
  }
  /// Whole or not there at all.
  std::string others() {
    for (const auto& [user, collection] :
         {std::pair{kUser, CollectionId{"dropped"}}, std::pair{kErased, kNotes}}) {
      const auto all = list(user, collection);
      if (!all) return text_of(all.error());
      for (const auto& one : *all) {
        if (one.body.size() != kBigBytes) return "half a document";
      }
      const auto context = runner_.run(store_.fetch(user));
      const bool is_erased = !context && context.error().code == ErrorCode::Erased;
      if (is_erased && !all->empty()) return "an erased user has documents";
    }
    return {};
  }
  std::string check() {
    using Finding = store::CheckFinding;
    for (int time = 0; time < 2; ++time) {
      std::string wrong;
      store::CheckOptions options;
      options.repair = true;
      const auto done = runner_.run(store::check_table(
          store_, options, clock_,
          [&](const Finding& finding) {
            if (!finding.mended || time > 0)
              wrong = fmt::format("check {}: {} {}", time, finding.item, finding.detail);
          },
          [](const store::CheckCounts&) {}));
      if (!done) return text_of(done.error());
      if (!wrong.empty()) return wrong;
    }
    return {};
  }

  Result<std::vector<Document>> list(UserId user, CollectionId collection) {
    auto options = DocumentListOptions().limit(1000).max_bytes(64u << 20);
    auto page = runner_.run(documents_.list(std::move(user), std::move(collection), std::move(options)));
    if (!page) return std::unexpected(page.error());
    return std::move(page->documents);
  }

  const Acknowledged& acknowledged_;
  WorkClock clock_{workload::kNow + std::chrono::hours(25)};
  table::Runner runner_{1};
  Store store_;
  Documents documents_;
};

}  // namespace

std::string work(std::shared_ptr<table::Table> table, const Run& run) {
  if (run.kill_before) {
    auto hooked = std::make_shared<testing::HookedTable>(std::move(table));
    hooked->before_next_call([] { raise(SIGKILL); }, *run.kill_before);
    table = std::move(hooked);
  }
  Worker worker(std::move(table), run);
  for (auto number = run.first; number < run.first + run.rounds; ++number) {
    if (auto trouble = worker.round(number); !trouble.empty()) return trouble;
  }
  return {};
}

std::string faults(const std::string& path, const Acknowledged& acknowledged) {
  EmbeddedOptions options;
  options.path = path;
  options.durability = Durability::ProcessDeath;
  auto table = open_embedded(options);
  if (!table) return text_of(table.error());
  return Inspector(std::move(*table), acknowledged).faults();
}

}  // namespace loopstate::embedded::documents_workload
