#include "embedded/tokens.hpp"

#include <string>

#include "base/timestamp.hpp"
#include "embedded/big_endian.hpp"
#include "embedded/first_entry.hpp"

namespace loopstate::embedded {
namespace {

// The key is the ten-minute period and the token, the value the second and the hash: so old tokens are
// together at the front, and a token is in one of three places (a period each way, since clocks differ
// between processes).

using Period = std::chrono::duration<std::int64_t, std::ratio<kTokenLifetime.count()>>;

std::int64_t period_of(Timestamp now) {
  return std::chrono::floor<Period>(now.time_since_epoch()).count();
}

std::string key_of(std::int64_t period, std::string_view token) {
  std::string out(OrderedSecond(period).view());
  out.append(token);
  return out;
}

}  // namespace

TokenLookup look_up_token(Changes& changes, const WriteRequest& request) {
  const Timestamp now = request.call.now;
  const auto period = period_of(now);
  for (auto at = period - 1; at <= period + 1; ++at) {
    const std::string encoded = key_of(at, *request.token);
    std::string_view record;
    const int code = changes.find(changes.databases().tokens, encoded, record);
    if (code == MDB_NOTFOUND) continue;
    if (code != 0) return {TokenState::New, code};
    const auto second = OrderedSecond::parse(record);
    if (!second || record.size() != 8 + request.hash.size() ||
        saturating_difference(now, from_unix_seconds(*second)) >= kTokenLifetime)
      continue;
    const bool same = is_hash_of(record.substr(8), request.hash, request.operations);
    return {same ? TokenState::SameOperations : TokenState::OtherOperations, 0};
  }
  return {};
}

int remember_token(Changes& changes, const WriteRequest& request) {
  const Timestamp now = request.call.now;
  const std::string encoded = key_of(period_of(now), *request.token);
  std::string record(OrderedSecond(unix_seconds(now)).view());
  record.append(request.hash.begin(), request.hash.end());
  return changes.put(changes.databases().tokens, encoded, record);
}

TokenSweep sweep_tokens(Changes& changes, Timestamp until, std::size_t bound) {
  TokenSweep out;
  const auto oldest_needed = period_of(until) - 1;
  for (;;) {
    FirstEntry entry;
    out.code = entry.read(changes.txn(), changes.databases().tokens);
    if (out.code == MDB_NOTFOUND) out.code = 0;
    if (out.code != 0 || entry.key.empty()) return out;
    const auto period = OrderedSecond::parse(entry.key);
    if (period && *period >= oldest_needed) return out;
    if (out.removed == bound) {
      out.more = true;
      return out;
    }
    if (out.code = changes.remove(changes.databases().tokens, entry.key); out.code != 0) return out;
    ++out.removed;
  }
}

}  // namespace loopstate::embedded
