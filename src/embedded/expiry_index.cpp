#include "embedded/expiry_index.hpp"

#include <limits>
#include <string>

#include "embedded/big_endian.hpp"
#include "embedded/encoding.hpp"
#include "embedded/lmdb_cursor.hpp"

namespace loopstate::embedded {
namespace {

constexpr std::string_view kWatermarkKey = "watermark";

bool has_nonzero_digit(std::string_view digits) {
  return digits.find_first_of("123456789") != std::string_view::npos;
}

/// The least integer at or above a number; nothing beyond the range of seconds (never).
std::optional<UnixSeconds> ceiling(const table::Number& number) {
  std::string_view text = number.text;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (const std::size_t exponent = text.find_first_of("eE"); exponent != std::string_view::npos) {
    const bool tiny = text.substr(exponent + 1).starts_with('-');
    if (tiny) return negative || !has_nonzero_digit(text.substr(0, exponent)) ? 0 : 1;
    return negative ? std::optional(std::numeric_limits<UnixSeconds>::min()) : std::nullopt;
  }
  const std::size_t point = text.find('.');
  const bool fraction = point != std::string_view::npos && has_nonzero_digit(text.substr(point + 1));
  std::uint64_t whole = 0;
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<UnixSeconds>::max());
  for (const char digit : text.substr(0, point)) {
    const auto value = static_cast<std::uint64_t>(digit - '0');
    if (whole > (kMax - value) / 10) {
      return negative ? std::optional(std::numeric_limits<UnixSeconds>::min()) : std::nullopt;
    }
    whole = whole * 10 + value;
  }
  if (negative) return -static_cast<UnixSeconds>(whole);
  if (fraction && whole == kMax) return std::nullopt;
  return static_cast<UnixSeconds>(whole + (fraction ? 1 : 0));
}

/// Whether the item at `key` expires at that second, as the index says.
bool is_due(MDB_txn* txn, const Databases& databases, MDB_val key, UnixSeconds second) {
  MDB_val value{};
  if (mdb_get(txn, databases.items, &key, &value) != 0) return false;
  const auto attributes = decode(bytes_of(value));
  return attributes && expires_at(*attributes) == second;
}

}  // namespace

std::optional<UnixSeconds> expires_at(const table::Attributes& attributes) {
  const table::Value* ttl = attributes.find(table::kTimeToLive);
  const table::Number* number = ttl != nullptr ? ttl->number() : nullptr;
  return number != nullptr ? ceiling(*number) : std::nullopt;
}

int update_expiry(MDB_txn* txn, const Databases& databases, std::string_view key,
                  std::optional<UnixSeconds> before, std::optional<UnixSeconds> after) {
  if (before == after) return 0;
  MDB_val item = value_of(key);
  if (before) {
    const OrderedSecond second(*before);
    MDB_val at = value_of(second.view());
    const int code = mdb_del(txn, databases.expiry, &at, &item);
    if (code != 0 && code != MDB_NOTFOUND) return code;
  }
  if (after) {
    const OrderedSecond second(*after);
    MDB_val at = value_of(second.view());
    const int code = mdb_put(txn, databases.expiry, &at, &item, MDB_NODUPDATA);
    if (code != 0 && code != MDB_KEYEXIST) return code;
  }
  return 0;
}

SweepStep sweep_expired(MDB_txn* txn, const Databases& databases, UnixSeconds until, std::size_t bound) {
  SweepStep out;
  Cursor cursor(txn, databases.expiry);
  for (;;) {
    const int code = cursor.move(MDB_FIRST);
    if (code == MDB_NOTFOUND) return out;
    if (out.code = code; code != 0) return out;
    const auto second = OrderedSecond::parse(bytes_of(cursor.key));
    if (second && *second > until) return out;
    if (out.looked_at == bound) {
      out.more = true;
      return out;
    }
    ++out.looked_at;
    if (second && is_due(txn, databases, cursor.value, *second)) {
      // A copy, since removing the item may move the page that the cursor shows.
      const std::string copy(bytes_of(cursor.value));
      MDB_val key = value_of(copy);
      out.code = mdb_del(txn, databases.items, &key, nullptr);
      if (out.code != 0) return out;
      ++out.removed_items;
    }
    if (out.code = cursor.remove(); out.code != 0) return out;
  }
}

std::optional<UnixSeconds> read_watermark(MDB_txn* txn, const Databases& databases) {
  MDB_val key = value_of(kWatermarkKey);
  MDB_val value{};
  if (mdb_get(txn, databases.meta, &key, &value) != 0) return std::nullopt;
  return OrderedSecond::parse(bytes_of(value));
}

int write_watermark(MDB_txn* txn, const Databases& databases, UnixSeconds mark) {
  const OrderedSecond second(mark);
  MDB_val key = value_of(kWatermarkKey);
  MDB_val value = value_of(second.view());
  return mdb_put(txn, databases.meta, &key, &value, 0);
}

}  // namespace loopstate::embedded
