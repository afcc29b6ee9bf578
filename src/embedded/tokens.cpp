#include "embedded/tokens.hpp"

#include <cstring>
#include <string>

#include "embedded/big_endian.hpp"
#include "embedded/lmdb_cursor.hpp"

namespace loopstate::embedded {
namespace {

// The key is the ten-minute period and the token, the value the second and the hash: so old tokens lie
// together at the front, and a token is in one of three places (a period each way, since clocks differ
// between processes).

UnixSeconds period_of(UnixSeconds now) {
  return now / kTokenLifetime - (now % kTokenLifetime < 0 ? 1 : 0);
}

std::string key_of(UnixSeconds period, std::string_view token) {
  std::string out(OrderedSecond(period).view());
  out.append(token);
  return out;
}

}  // namespace

TokenLookup look_up_token(MDB_txn* txn, const Databases& databases, std::string_view token,
                          const OperationsHash& hash, UnixSeconds now) {
  const UnixSeconds period = period_of(now);
  for (UnixSeconds at = period - 1; at <= period + 1; ++at) {
    const std::string encoded = key_of(at, token);
    MDB_val key = value_of(encoded);
    MDB_val value{};
    const int code = mdb_get(txn, databases.tokens, &key, &value);
    if (code == MDB_NOTFOUND) continue;
    if (code != 0) return {TokenState::New, code};
    const std::string_view record = bytes_of(value);
    const auto second = OrderedSecond::parse(record);
    if (!second || record.size() != 8 + hash.size() || now - *second >= kTokenLifetime) continue;
    const bool same = std::memcmp(record.data() + 8, hash.data(), hash.size()) == 0;
    return {same ? TokenState::SameOperations : TokenState::OtherOperations, 0};
  }
  return {};
}

int remember_token(MDB_txn* txn, const Databases& databases, std::string_view token,
                   const OperationsHash& hash, UnixSeconds now) {
  const std::string encoded = key_of(period_of(now), token);
  std::string record(OrderedSecond(now).view());
  record.append(hash.begin(), hash.end());
  MDB_val key = value_of(encoded);
  MDB_val value = value_of(record);
  return mdb_put(txn, databases.tokens, &key, &value, 0);
}

TokenSweep sweep_tokens(MDB_txn* txn, const Databases& databases, UnixSeconds until, std::size_t bound) {
  TokenSweep out;
  Cursor cursor(txn, databases.tokens);
  const UnixSeconds oldest_needed = period_of(until) - 1;
  for (;;) {
    const int code = cursor.move(MDB_FIRST);
    if (code == MDB_NOTFOUND) return out;
    if (out.code = code; code != 0) return out;
    const auto period = OrderedSecond::parse(bytes_of(cursor.key));
    if (period && *period >= oldest_needed) return out;
    if (out.removed == bound) {
      out.more = true;
      return out;
    }
    if (out.code = cursor.remove(); out.code != 0) return out;
    ++out.removed;
  }
}

}  // namespace loopstate::embedded
