// Query and scan: one walk over a range of keys.
#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "base/try.hpp"
#include "embedded/checksum.hpp"
#include "embedded/item_key.hpp"
#include "embedded/lmdb_cursor.hpp"
#include "embedded/reader.hpp"
#include "embedded/record_buffer.hpp"
#include "table/expiry.hpp"

namespace loopstate::embedded {
namespace {

using table::Item;
using table::Page;

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kCursorPrefix = "1-";  // the version of the cursor's format

/// Encoded keys from `low` up to but not including `high`; an empty end is open.
struct KeyRange {
  std::string low, high;
  bool descending = false;

  bool contains(std::string_view key) const { return key >= low && (high.empty() || key < high); }
};

/// The least text greater than everything that begins with `prefix`; empty if there is none.
std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

KeyRange range_of(const table::Query& query) {
  const std::string partition = query.pk + kKeySeparator;
  KeyRange out{partition, query.pk + '\x01', query.descending};
  if (query.range.prefix) {
    out.low = partition + *query.range.prefix;
    out.high = after_prefix(out.low);
    return out;
  }
  if (query.range.first) out.low = partition + *query.range.first;
  // No key contains NUL, so nothing lies between a key and the same key with one more NUL.
  if (query.range.last) out.high = partition + *query.range.last + kKeySeparator;
  return out;
}

std::string to_cursor(std::string_view key) {
  std::string out(kCursorPrefix);
  for (const char byte : key) {
    out.push_back(kHexDigits[static_cast<unsigned char>(byte) >> 4]);
    out.push_back(kHexDigits[static_cast<unsigned char>(byte) & 15]);
  }
  return out;
}

Result<std::string> from_cursor(std::string_view cursor) {
  const auto refuse = [] { return fail(ErrorCode::InvalidArgument, "the cursor is not one of this query"); };
  if (!cursor.starts_with(kCursorPrefix) || cursor.size() % 2 != 0) return refuse();
  cursor.remove_prefix(kCursorPrefix.size());
  std::string out;
  for (std::size_t at = 0; at < cursor.size(); at += 2) {
    const std::size_t high = kHexDigits.find(cursor[at]);
    const std::size_t low = kHexDigits.find(cursor[at + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return refuse();
    out.push_back(static_cast<char>(high << 4 | low));
  }
  // Not necessarily a valid key: the previous page may have ended with an item whose key is damaged.
  if (out.empty() || out.size() > kMaxKeyBytes) return refuse();
  return out;
}

/// Leaves in the range what comes after the cursor.
Result<void> skip_to(KeyRange& range, const std::string& cursor) {
  TRY(auto key, from_cursor(cursor));
  if (!range.contains(key)) return fail(ErrorCode::InvalidArgument, "the cursor is not one of this query");
  if (range.descending) {
    range.high = std::move(key);
  } else {
    range.low = key + kKeySeparator;
  }
  return {};
}

/// The keys within the range that are asked for.
struct Wanted {
  std::uint32_t segment = 0, segments = 1;
  std::string_view sk_prefix = {};

  bool has(std::string_view key) const {
    if (segments > 1 && !is_in_segment(key, segment, segments)) return false;
    if (sk_prefix.empty()) return true;
    const auto partition = partition_of(key).size();
    return partition < key.size() && key.substr(partition + 1).starts_with(sk_prefix);
  }
};

/// What ends a page before the range does.
struct Bounds {
  std::size_t limit = 0;
  Timestamp now;
  bool past_damage = false;
};

class Walk {
 public:
  Walk(MDB_txn* txn, Environment& environment, const KeyRange& range, const Bounds& bounds)
      : cursor_(txn, environment.databases().items),
        environment_(environment),
        range_(range),
        bounds_(bounds) {}

  /// On a page that is damaged LMDB may find less than there is, or nothing.
  Result<Page> confirmed_page(Wanted wanted, const Moment& seen) {
    TRY(auto out, page(wanted));
    std::string low = range_.low, high = range_.high;
    if (out.next && range_.descending) low = last_;
    if (out.next && !range_.descending) high = last_ + kKeySeparator;
    TRY_OK(environment_.confirm_range(seen, low, high));
    return out;
  }

 private:
  Result<Page> page(Wanted wanted) {
    Page out;
    std::size_t bytes = 0;
    int code = first();
    for (; code == 0; code = next()) {
      if (code = key_.copy(cursor_.key); code != 0) break;
      const std::string_view key = key_.bytes();
      if (!range_.contains(key)) return out;
      if (is_full(out) || bytes >= kPageBytes) {
        out.next = to_cursor(last_);
        return out;
      }
      last_ = key;
      bytes += key.size();
      ++out.examined;
      if (!wanted.has(key)) continue;
      bytes += cursor_.value.mv_size;
      if (code = record_.copy(cursor_.value); code != 0) break;
      TRY_OK(take(key, out));
    }
    if (code != MDB_NOTFOUND) return std::unexpected(environment_.failure(code, "reading"));
    return out;
  }

  int first() {
    if (!range_.descending) {
      if (range_.low.empty()) return cursor_.move(MDB_FIRST);
      cursor_.key = value_of(range_.low);
      return cursor_.move(MDB_SET_RANGE);
    }
    if (range_.high.empty()) return cursor_.move(MDB_LAST);
    cursor_.key = value_of(range_.high);
    const int code = cursor_.move(MDB_SET_RANGE);
    return cursor_.move(code == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
  }

  int next() { return cursor_.move(range_.descending ? MDB_PREV : MDB_NEXT); }

  bool is_full(const Page& page) const {
    return (bounds_.limit != 0 && page.items.size() + page.damaged.size() >= bounds_.limit) ||
           page.damaged.size() >= kPageDamagedItems;
  }

  Result<void> damaged(std::string_view encoded, const DecodeFault& fault, Page& out) const {
    Error error = corrupt_item(encoded, fault);
    if (!bounds_.past_damage) return std::unexpected(std::move(error));
    out.damaged.push_back({parts_of(encoded), std::move(error), out.items.size()});
    return {};
  }

  Result<void> take(std::string_view encoded, Page& out) {
    auto key = decode_key(encoded);
    if (!key) return damaged(encoded, DecodeFault{0, "its key has no partition and sort part"}, out);
    auto attributes = decode_record(encoded, record_.bytes());
    if (!attributes) return damaged(encoded, attributes.error(), out);
    Item item{std::move(*key), std::move(*attributes)};
    if (table::is_live(item, bounds_.now)) out.items.push_back(std::move(item));
    return {};
  }

  Cursor cursor_;
  Environment& environment_;
  const KeyRange& range_;
  const Bounds& bounds_;
  std::string last_;
  RecordBuffer key_, record_;
};

Result<Page> read_range(Environment& environment, const KeyRange& range, Wanted wanted, const Bounds& bounds,
                        Deadline deadline) {
  for (int look = 0; look < kMostLooks; ++look) {
    TRY(auto transaction, environment.read(deadline));
    TRY(const auto seen, environment.moment_of(transaction.txn()));
    if (seen) return Walk(transaction.txn(), environment, range, bounds).confirmed_page(wanted, *seen);
  }
  return fail(ErrorCode::Unavailable, "others keep writing while items are looked for", true);
}

}  // namespace

Result<Page> read_query(Environment& environment, const table::Query& query, table::Call call) {
  KeyRange range = range_of(query);
  if (query.cursor) {
    TRY_OK(skip_to(range, *query.cursor));
  }
  return read_range(environment, range, {}, {query.limit, call.now, query.past_damage}, call.deadline);
}

std::string scan_cursor_after(const table::Key& key) {
  return to_cursor(key.pk + kKeySeparator + key.sk);
}

Result<Page> read_scan(Environment& environment, const table::Scan& scan, table::Call call) {
  KeyRange range;
  if (!scan.pk_prefix.empty()) range = {scan.pk_prefix, after_prefix(scan.pk_prefix), false};
  if (scan.cursor) {
    TRY_OK(skip_to(range, *scan.cursor));
  }
  return read_range(environment, range, {scan.segment, scan.segments, scan.sk_prefix},
                    {scan.limit, call.now, scan.past_damage}, call.deadline);
}

}  // namespace loopstate::embedded
