// A transaction's mark, as the questions across users show it.
#pragma once

#include "loopstate/questions.hpp"
#include "store/rows/processed_row.hpp"

namespace loopstate::store {

inline SeenPayment seen_payment(ProcessedRow mark) {
  SeenPayment seen;
  seen.paid = {mark.record.cred_amount, mark.currency};
  seen.refunded = {mark.refunded, mark.currency};
  seen.remembered_until = mark.expires_at;
  seen.record = std::move(mark.record);
  return seen;
}

}  // namespace loopstate::store
