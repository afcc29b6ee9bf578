#include "store/rows/waited_row.hpp"

#include <algorithm>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"
#include "store/rows/ring.hpp"

namespace loopstate::store {
namespace {

PaymentWait::State state_of(Timestamp until, bool seen, Timestamp now) {
  if (seen) return PaymentWait::State::Recorded;
  return until > now ? PaymentWait::State::Waiting : PaymentWait::State::Unlinked;
}

}  // namespace

table::Key waited_key(std::string_view transaction) {
  return {processed_key(transaction).pk, "WAITED"};
}

Result<PaymentWait> waited_from_row(const table::Item& row, bool seen, Timestamp now) {
  PaymentWait wait;
  TRY(wait.since, need_time(row, attribute::kSince));
  TRY(wait.until, need_time(row, attribute::kUntil));
  TRY(wait.amount.minor_units, need_uint64(row, attribute::kAmountCents));
  TRY(wait.amount.currency, read_currency(row));
  wait.state = state_of(wait.until, seen, now);
  return wait;
}

table::Put put_waited(const WaitingPurchase& purchase, Timestamp now) {
  const auto& capture = purchase.capture;
  table::Item row;
  row.key = waited_key(purchase.transaction.text());
  auto& attributes = row.attributes;
  attributes.set(std::string(attribute::kSince), table::Value::time(now));
  attributes.set(std::string(attribute::kUntil), table::Value::time(purchase.until));
  attributes.set(std::string(attribute::kAmountCents), table::Value::number(capture.amount.minor_units));
  if (capture.amount.currency.known()) {
    attributes.set(std::string(attribute::kCurrency), capture.amount.currency.text());
  }
  // Once the mark is gone, nothing would contradict that nobody linked the card.
  const auto marked_until = saturating_add(stored_at(capture.id), purchase.lifetime);
  const auto ends = std::min(saturating_add(purchase.until, kWaitedLifetime), marked_until);
  attributes.set(std::string(attribute::kTtl), table::Value::time(ends));
  return table::Put{std::move(row), {}};
}

}  // namespace loopstate::store
