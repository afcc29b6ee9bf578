#include "embedded/expiry_index.hpp"

#include <limits>
#include <string>

#include "base/timestamp.hpp"
#include "embedded/big_endian.hpp"
#include "embedded/checksum.hpp"
#include "embedded/first_entry.hpp"

namespace loopstate::embedded {
namespace {

constexpr std::string_view kWatermarkKey = "watermark";

bool has_nonzero_digit(std::string_view digits) {
  return digits.find_first_of("123456789") != std::string_view::npos;
}

/// The least integer at or above a number; nothing if that is beyond the range of seconds (never).
std::optional<Timestamp> ceiling(const table::Number& number) {
  std::string_view text = number.text;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (const std::size_t exponent = text.find_first_of("eE"); exponent != std::string_view::npos) {
    const bool tiny = text.substr(exponent + 1).starts_with('-');
    if (tiny) return from_unix_seconds(negative || !has_nonzero_digit(text.substr(0, exponent)) ? 0 : 1);
    return negative ? std::optional(Timestamp::min()) : std::nullopt;
  }
  const std::size_t point = text.find('.');
  const bool fraction = point != std::string_view::npos && has_nonzero_digit(text.substr(point + 1));
  std::uint64_t whole = 0;
  constexpr auto kMax = static_cast<std::uint64_t>(unix_seconds(Timestamp::max()));
  for (const char digit : text.substr(0, point)) {
    const auto value = static_cast<std::uint64_t>(digit - '0');
    if (whole > (kMax - value) / 10) {
      return negative ? std::optional(Timestamp::min()) : std::nullopt;
    }
    whole = whole * 10 + value;
  }
  if (negative) return from_unix_seconds(-static_cast<std::int64_t>(whole));
  if (fraction && whole == kMax) return std::nullopt;
  return from_unix_seconds(static_cast<std::int64_t>(whole + (fraction ? 1 : 0)));
}

/// Removes the item at `key` if it expires at that second, as the index says. An unreadable item stays.
int remove_if_due(Changes& changes, std::string_view key, Timestamp second, std::size_t& removed) {
  std::string_view record;
  const int code = changes.find_item(key, record);
  if (code == MDB_NOTFOUND) return 0;
  if (code != 0) return code;
  const auto attributes = decode_record(key, record);
  if (!attributes || expires_at(*attributes) != second) return 0;
  ++removed;
  return changes.remove_item(key, checksum_in(record));
}

}  // namespace

std::optional<Timestamp> expires_at(const table::Attributes& attributes) {
  const table::Value* ttl = attributes.find(table::kTimeToLive);
  const table::Number* number = ttl != nullptr ? ttl->number() : nullptr;
  return number != nullptr ? ceiling(*number) : std::nullopt;
}

int update_expiry(Changes& changes, std::string_view key, std::optional<Timestamp> before,
                  std::optional<Timestamp> after) {
  if (before == after) return 0;
  const MDB_dbi expiry = changes.databases().expiry;
  if (before) {
    const int code = changes.remove(expiry, OrderedSecond(unix_seconds(*before)).view(), key);
    if (code != 0 && code != MDB_NOTFOUND) return code;
  }
  if (after) {
    const int code = changes.put(expiry, OrderedSecond(unix_seconds(*after)).view(), key, MDB_NODUPDATA);
    if (code != 0 && code != MDB_KEYEXIST) return code;
  }
  return 0;
}

SweepStep sweep_expired(Changes& changes, Timestamp until, std::size_t bound) {
  SweepStep out;
  for (;;) {
    FirstEntry entry;
    out.code = entry.read(changes.txn(), changes.databases().expiry);
    if (out.code == MDB_NOTFOUND) out.code = 0;
    if (out.code != 0 || entry.key.empty()) return out;
    const auto second = OrderedSecond::parse(entry.key);
    if (second && *second > unix_seconds(until)) return out;
    if (out.looked_at == bound) {
      out.more = true;
      return out;
    }
    ++out.looked_at;
    if (second) out.code = remove_if_due(changes, entry.value, from_unix_seconds(*second), out.removed_items);
    if (out.code != 0) return out;
    out.code = changes.remove(changes.databases().expiry, entry.key, entry.value);
    if (out.code != 0) return out;
  }
}

std::optional<Timestamp> read_watermark(Changes& changes) {
  std::string_view record;
  if (changes.find(changes.databases().meta, kWatermarkKey, record) != 0) return std::nullopt;
  const auto second = OrderedSecond::parse(record);
  return second ? std::optional(from_unix_seconds(*second)) : std::nullopt;
}

int write_watermark(Changes& changes, Timestamp mark) {
  return changes.put(changes.databases().meta, kWatermarkKey, OrderedSecond(unix_seconds(mark)).view());
}

}  // namespace loopstate::embedded
