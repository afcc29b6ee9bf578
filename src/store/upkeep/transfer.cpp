#include "store/upkeep/transfer.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <set>
#include <utility>
#include <vector>

#include "async/parallel.hpp"
#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "table/expiry.hpp"
#include "table/limits.hpp"

namespace loopstate::store {
namespace {

// Conditional writes in progress at once; the embedded engine commits those that arrive together as one.
constexpr std::size_t kParallelWrites = 256;
constexpr std::size_t kMaxChunkItems = 500;

using TablePtr = std::shared_ptr<table::Table>;

table::Call make_call(const TransferOptions& options, const Clock& clock) {
  return {clock.now(), std::chrono::steady_clock::now() + options.request_timeout};
}

// Some items with different keys, and what became of them.
struct Chunk {
  TablePtr to;
  bool replace = false;
  std::vector<table::Item> items;
  std::vector<std::string> places;     // of each in the source; empty if the source has no places
  std::vector<std::size_t> missing;    // indices in `items`
  std::vector<std::size_t> differing;  // indices in `items`: to be overwritten
  TransferCounts counts;
  std::optional<Error> error;

  // What to do about an item, given what is there.
  void sort(std::size_t place, const std::optional<table::Item>& there) {
    if (!there) {
      missing.push_back(place);
    } else if (*there == items[place]) {
      ++counts.unchanged;
    } else if (replace) {
      differing.push_back(place);
    } else {
      ++counts.kept;
    }
  }
};

using ChunkPtr = std::shared_ptr<Chunk>;

constexpr std::size_t kShownKeyBytes = 120;

std::string shown(const table::Key& key) {
  auto name = key.pk + "|" + key.sk;
  if (name.size() <= kShownKeyBytes) return name;
  auto end = kShownKeyBytes;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  return name.substr(0, end) + "...";
}

// The same error; if it is about one item, it says which.
Error about_item(Error error, const Chunk& chunk, std::size_t place) {
  if (error.code != ErrorCode::InvalidArgument && error.code != ErrorCode::ItemTooLarge) return error;
  const auto where = chunk.places.empty() ? std::string() : chunk.places[place] + ": ";
  error.message = fmt::format("{}item {}: {}", where, shown(chunk.items[place].key), error.message);
  return error;
}

Task<Result<void>> look(ChunkPtr chunk, std::size_t first, table::Call call) {
  const auto end = std::min(first + table::kMaxBatchGetKeys, chunk->items.size());
  std::vector<table::Key> keys;
  for (auto i = first; i < end; ++i) keys.push_back(chunk->items[i].key);
  CO_TRY(auto there, co_await chunk->to->batch_get(std::move(keys), call));
  for (auto i = first; i < end; ++i) {
    auto& found = there[i - first];
    if (!found) co_return std::unexpected(about_item(std::move(found.error()), *chunk, i));
    chunk->sort(i, *found);
  }
  co_return Result<void>{};
}

// Another writer may have come between the look and the write: its item counts as having been there.
Task<void> write_missing(ChunkPtr chunk, std::size_t place, table::Call call) {
  if (chunk->error) co_return;
  table::Put put{chunk->items[place], table::Condition::item_absent()};
  auto outcome = co_await chunk->to->put(std::move(put), call);
  if (!outcome) {
    chunk->error = about_item(std::move(outcome.error()), *chunk, place);
  } else if (outcome->applied) {
    ++chunk->counts.written;
  } else if (outcome->item) {
    chunk->sort(place, outcome->item);
  }
}

Task<Result<void>> write_differing(ChunkPtr chunk, TransferOptions options, const Clock* clock) {
  const auto& places = chunk->differing;
  for (std::size_t at = 0; at < places.size(); at += table::kMaxBatchPutItems) {
    const auto end = std::min(at + table::kMaxBatchPutItems, places.size());
    std::vector<table::Item> some;
    for (auto i = at; i < end; ++i) some.push_back(chunk->items[places[i]]);
    const auto call = make_call(options, *clock);
    auto written = co_await chunk->to->batch_put(std::move(some), call);
    if (!written) co_return written;
    chunk->counts.written += end - at;
  }
  co_return Result<void>{};
}

Task<Result<TransferCounts>> write_chunk(ChunkPtr chunk, TransferOptions options, const Clock* clock) {
  for (std::size_t first = 0; first < chunk->items.size(); first += table::kMaxBatchGetKeys) {
    const auto call = make_call(options, *clock);
    CO_TRY_OK(co_await look(chunk, first, call));
  }
  const auto missing = chunk->missing;
  std::function<Task<void>(std::size_t)> write = [chunk, missing, options, clock](std::size_t index) {
    return write_missing(chunk, missing[index], make_call(options, *clock));
  };
  co_await async::in_parallel(missing.size(), kParallelWrites, std::move(write));
  if (chunk->error) co_return std::unexpected(std::move(*chunk->error));
  CO_TRY_OK(co_await write_differing(chunk, options, clock));
  co_return chunk->counts;
}

void add_to(TransferCounts& sum, const TransferCounts& part) {
  sum.written += part.written;
  sum.unchanged += part.unchanged;
  sum.kept += part.kept;
}

// The next items of the source: at most 500, at most 4 MB, no key twice.
struct Gathered {
  std::vector<table::Item> items;
  std::vector<std::string> places;
  bool end = false;
  std::optional<Error> error;
};

class Gatherer {
 public:
  Gatherer(ItemSource source, std::function<std::string()> place)
      : source_(std::move(source)), place_(std::move(place)) {}

  Gathered next(Timestamp now, TransferCounts& counts) {
    Gathered gathered;
    std::set<table::Key> keys;
    std::size_t bytes = 0;
    while (gathered.items.size() < kMaxChunkItems && bytes < table::kMaxTransactBytes) {
      if (!waiting_) {
        auto item = source_();
        if (!item) gathered.error = std::move(item.error());
        gathered.end = gathered.error || !*item;
        if (gathered.end) return gathered;
        ++counts.read;
        if (!exists_at(**item, now)) {
          ++counts.expired;
          continue;
        }
        waiting_ = std::move(*item);
        if (place_) waiting_place_ = place_();
      }
      if (!keys.insert(waiting_->key).second) return gathered;
      bytes += table::item_size(*waiting_);
      gathered.items.push_back(std::move(*waiting_));
      if (place_) gathered.places.push_back(std::move(waiting_place_));
      waiting_.reset();
    }
    return gathered;
  }

 private:
  ItemSource source_;
  std::function<std::string()> place_;
  std::optional<table::Item> waiting_;  // has the key of an item in the chunk before
  std::string waiting_place_;
};

}  // namespace

namespace {

/// A table's items, page by page; of a single moment if asked for and the engine can.
class Source {
 public:
  static Result<Source> of(TablePtr table, bool one_moment) {
    Source out;
    out.table_ = std::move(table);
    if (!one_moment) return out;
    TRY(auto taken, out.table_->snapshot());
    out.snapshot_ = std::move(taken);
    return out;
  }

  bool is_one_moment() const { return snapshot_ != nullptr; }
  Task<Result<table::Page>> scan(table::Scan scan, table::Call call) const {
    return snapshot_ ? snapshot_->scan(std::move(scan), call) : table_->scan(std::move(scan), call);
  }

 private:
  TablePtr table_;
  std::shared_ptr<table::Snapshot> snapshot_;
};

void tell_losses(const table::Page& page, const TransferOptions& options) {
  for (const auto& damaged : page.damaged) options.lost(damaged.error);
}

}  // namespace

bool exists_at(const table::Item& item, Timestamp now) {
  if (!table::is_live(item, now)) return false;
  if (item.key.sk != kSessionSort) return true;
  const auto expires_at = item.time(attribute::kExpiresAt);
  return !expires_at || *expires_at > now;
}

Task<Result<TransferCounts>> export_items(TablePtr from, ItemSink sink, TransferOptions options,
                                          const Clock& clock, TransferStep step) {
  TransferCounts counts;
  CO_TRY(const auto source, Source::of(std::move(from), true));
  table::Scan scan;
  scan.past_damage = options.lost != nullptr;
  for (;;) {
    auto asked = scan;
    const auto call = make_call(options, clock);
    CO_TRY(auto page, co_await source.scan(std::move(asked), call));
    tell_losses(page, options);
    for (const auto& item : page.items) {
      ++counts.read;
      if (!exists_at(item, call.now)) {
        ++counts.expired;
        continue;
      }
      CO_TRY_OK(sink(item));
      ++counts.written;
    }
    CO_TRY_OK(step(counts));
    if (!page.next) co_return counts;
    scan.cursor = std::move(page.next);
  }
}

Task<Result<void>> import_items(TablePtr to, ItemSource source, TransferOptions options, const Clock& clock,
                                TransferCounts& counts, TransferStep step) {
  Gatherer gatherer(std::move(source), options.place);
  for (;;) {
    auto gathered = gatherer.next(clock.now(), counts);
    auto chunk = std::make_shared<Chunk>();
    chunk->to = to;
    chunk->replace = options.replace;
    chunk->items = std::move(gathered.items);
    chunk->places = std::move(gathered.places);
    CO_TRY(auto part, co_await write_chunk(std::move(chunk), options, &clock));
    add_to(counts, part);
    if (gathered.error) co_return std::unexpected(std::move(*gathered.error));
    CO_TRY_OK(step(counts));
    if (gathered.end) co_return Result<void>{};
  }
}

Task<Result<void>> copy_items(TablePtr from, TablePtr to, TransferOptions options, const Clock& clock,
                              CopyState& state, std::function<Result<void>(const CopyState&)> saved,
                              bool one_moment) {
  CO_TRY(const auto source, Source::of(std::move(from), one_moment && !state.cursor));
  table::Scan scan;
  scan.cursor = state.cursor;
  scan.past_damage = options.lost != nullptr;
  for (;;) {
    auto asked = scan;
    const auto call = make_call(options, clock);
    auto page = co_await source.scan(std::move(asked), call);
    if (!page) co_return std::unexpected(std::move(page.error()));
    tell_losses(*page, options);
    auto counts = state.counts;
    std::size_t at = 0;
    const ItemSource items = [&page, &at]() -> Result<std::optional<table::Item>> {
      if (at == page->items.size()) return std::nullopt;
      return std::move(page->items[at++]);
    };
    TransferStep no_step = [](const TransferCounts&) { return Result<void>{}; };
    auto written = co_await import_items(to, items, options, clock, counts, std::move(no_step));
    if (!written) co_return written;
    state.counts = counts;
    if (!source.is_one_moment()) state.cursor = page->next;
    CO_TRY_OK(saved(state));
    if (!page->next) co_return Result<void>{};
    scan.cursor = std::move(page->next);
  }
}

}  // namespace loopstate::store
