#include "embedded/snapshot.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <charconv>
#include <utility>

#include "base/try.hpp"
#include "embedded/checksum.hpp"
#include "embedded/item_key.hpp"
#include "embedded/leaf_data.hpp"
#include "embedded/reader.hpp"
#include "table/expiry.hpp"
#include "table/limits.hpp"

namespace loopstate::embedded {
namespace {

using table::Page;

/// How many times a commit may overtake reading the head.
constexpr int kTries = 16;

std::unexpected<Error> damaged(const std::string& path, const PageFault& fault) {
  return fail(ErrorCode::StorageCorrupt,
              fmt::format("page {} of {} is damaged: {}; restore a backup", fault.page, path, fault.reason));
}

Error lost_page(const std::string& path, const PageFault& fault, const std::string& low,
                const std::string& high) {
  const auto name = [](const std::string& key) { return key.empty() ? "the end" : describe_key(key); };
  return Error{ErrorCode::StorageCorrupt,
               fmt::format("page {} of {} is damaged: {}; items from {} up to {} may be lost", fault.page,
                           path, fault.reason, low.empty() ? "the beginning" : describe_key(low), name(high)),
               false, nullptr};
}

}  // namespace

Result<std::shared_ptr<EmbeddedSnapshot>> EmbeddedSnapshot::take(std::shared_ptr<Engine> engine) {
  Environment& environment = engine->environment();
  for (int tries = 0; tries < kTries; ++tries) {
    TRY(auto begun, environment.pin());
    MDB_txn* const txn = begun;
    const PageFile file(environment.descriptor(), environment.page_bytes());
    const auto head = read_head(file, mdb_txn_id(txn));
    auto moment = head ? read_moment(file, *head) : std::unexpected(head.error());
    if (moment) {
      return std::shared_ptr<EmbeddedSnapshot>(new EmbeddedSnapshot(std::move(engine), txn, file, *moment));
    }
    mdb_txn_abort(txn);
    if (tries + 1 == kTries || head) return damaged(environment.path(), moment.error());
  }
  return fail(ErrorCode::Unavailable, "the file changes faster than it can be read", true);
}

EmbeddedSnapshot::EmbeddedSnapshot(std::shared_ptr<Engine> engine, MDB_txn* txn, PageFile file,
                                   const Moment& moment)
    : engine_(std::move(engine)), txn_(txn), file_(file), moment_(moment) {
  PageUse use(moment_.head.last_page);
  use.take(moment_.head.main.root);
  // First, so that damage does not lead to a page that was freed.
  static_cast<void>(read_free_list(file_, moment_.head, use));
  plan_ = plan_of(file_, moment_.items, use);
}

EmbeddedSnapshot::~EmbeddedSnapshot() {
  mdb_txn_abort(txn_);
}

Result<void> EmbeddedSnapshot::check_kept() const {
  const Environment& environment = engine_->environment();
  if (!environment.without_lock()) return {};
  const auto even = read_head_in(file_, 0), odd = read_head_in(file_, 1);
  // The transaction that follows still spares this one's pages.
  const std::uint64_t last = moment_.head.transaction + 1;
  if (!even || !odd || (even->transaction <= last && odd->transaction <= last)) return {};
  return fail(
      ErrorCode::Unavailable,
      fmt::format(
          "{0} was written to while it was read, by processes that do not know about this one, "
          "which may not write {0}-lock. Run it as the user who owns both files, or while nobody writes",
          environment.path()),
      true);
}

Task<Result<Page>> EmbeddedSnapshot::scan(table::Scan scan, table::Call call) {
  if (call.deadline != Deadline::max() && std::chrono::steady_clock::now() >= call.deadline) {
    co_return fail(ErrorCode::DeadlineExceeded, "the deadline passed before the call was begun", true);
  }
  CO_TRY_OK(table::check_scan(scan));
  Place place;
  if (scan.cursor) {
    const char* const end = scan.cursor->data() + scan.cursor->size();
    const auto [dot, first] = std::from_chars(scan.cursor->data(), end, place.leaf);
    if (first != std::errc() || dot == end || *dot != '.' ||
        std::from_chars(dot + 1, end, place.node).ec != std::errc()) {
      co_return fail(ErrorCode::InvalidArgument, "the cursor is not one of this snapshot");
    }
  }
  Page out;
  std::size_t bytes = 0;
  const auto is_full = [&] {
    return bytes >= kPageBytes || out.damaged.size() >= kPageDamagedItems ||
           (scan.limit != 0 && out.items.size() + out.damaged.size() >= scan.limit);
  };
  while (place.leaf < plan_.leaves.size() && !is_full()) {
    take_leaf(place, scan, call.now, bytes, out);
  }
  if (place.leaf >= plan_.leaves.size()) {
    for (const auto& lost : plan_.lost) {
      if (lost.before < plan_.leaves.size()) continue;
      out.damaged.push_back(
          {{}, lost_page(engine_->environment().path(), lost.fault, lost.low, lost.high), out.items.size()});
    }
  } else {
    out.next = fmt::format("{}.{}", place.leaf, place.node);
  }
  CO_TRY_OK(check_kept());
  if (!scan.past_damage && !out.damaged.empty()) co_return std::unexpected(out.damaged.front().error);
  co_return out;
}

/// The rest of a leaf, as much as a page of the scan takes.
void EmbeddedSnapshot::take_leaf(Place& place, const table::Scan& scan, Timestamp now, std::size_t& bytes,
                                 Page& out) {
  const std::string& path = engine_->environment().path();
  const TreeLeaf& leaf = plan_.leaves[place.leaf];
  const auto lose = [&](const PageFault& fault, const std::string& low, const std::string& high) {
    out.damaged.push_back({{}, lost_page(path, fault, low, high), out.items.size()});
  };
  if (place.node == 0) {
    for (const auto& lost : plan_.lost) {
      if (lost.before == place.leaf) lose(lost.fault, lost.low, lost.high);
    }
  }
  std::string page, overflow;
  const bool there = file_.read(leaf.page, 1, page);
  const PageView view(page);
  const char* const fault = there ? fault_of_leaf(view, leaf) : "it is missing";
  if (fault != nullptr && place.node == 0) lose({leaf.page, fault}, leaf.low, leaf.high);
  // A page with another page's number was written for another place, or at another time.
  const std::size_t count = there && view.number() == leaf.page ? view.count() : 0;
  for (; place.node < count; ++place.node) {
    if (bytes >= kPageBytes || (scan.limit != 0 && out.items.size() + out.damaged.size() >= scan.limit))
      return;
    const auto node = view.node(place.node, PageView::Kind::Leaf);
    if (!node || node->key < leaf.low || (!leaf.high.empty() && node->key >= leaf.high)) continue;
    ++out.examined;
    if (scan.segments > 1 && !is_in_segment(node->key, scan.segment, scan.segments)) continue;
    if (scan.has_prefix() && !scan.selects(parts_of(node->key))) continue;
    std::string_view record;
    const char* const wrong = read_data(file_, *node, overflow, record);
    auto attributes = decode_record(node->key, record);
    auto key = decode_key(node->key);
    bytes += node->key.size() + record.size();
    if (attributes && key) {
      table::Item item{std::move(*key), std::move(*attributes)};
      if (table::is_live(item, now)) out.items.push_back(std::move(item));
      continue;
    }
    // A page that is damaged as a whole was reported as one.
    if (fault != nullptr) continue;
    Error error =
        corrupt_item(node->key, !attributes ? attributes.error()
                                            : DecodeFault{0, "its key has no partition and sort part"});
    if (wrong != nullptr) {
      error.message += fmt::format("; page {} of {} is damaged: {}", node->overflow_page(), path, wrong);
    }
    out.damaged.push_back({parts_of(node->key), std::move(error), out.items.size()});
  }
  place = {place.leaf + 1, 0};
}

}  // namespace loopstate::embedded
