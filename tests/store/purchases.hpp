// What the tests around a user's context, captures and purchases share.
#pragma once

#include <string>

#include "store/store_fixture.hpp"

namespace loopstate::testing {

class PurchaseTest : public StoreTest {
 protected:
  void use_settings(StoreSettings settings) {
    store_ = store::store_over(table_, settings_ = settings, clock_);
  }

  static TransactionId transaction(std::string_view text = "square:P1") { return txn(text); }

  static const Capture& capture(std::uint64_t amount = 1250, std::string merchant = "M1") {
    Capture capture;
    capture.merchant_id = std::move(merchant);
    capture.amount.minor_units = amount;
    capture.amount.currency = "EUR";
    return named(std::move(capture));
  }
  static const ContextEvent& event(std::string summary = "bought") {
    ContextEvent event;
    event.event_type = "capture";
    event.summary = std::move(summary);
    return named(std::move(event));
  }
  static const PurchaseRecord& purchase(std::string_view id = "square:P1",
                                        std::string_view fingerprint = "loop_fp_1",
                                        std::uint64_t amount = 1250) {
    return named(PurchaseRecord{transaction(id), card(fingerprint), capture(amount), event(), std::nullopt});
  }
  using RefundKind = RefundRecord::Kind;
  static const RefundRecord& refund_of(std::string_view id, std::uint64_t cents,
                                       RefundKind kind = RefundKind::Refund,
                                       std::string_view payment = "square:P1") {
    return named(RefundRecord{
        transaction(id), transaction(payment), {cents, "EUR"}, kind, RefundRecord::State::Taken, {}, {}, {}});
  }
  static const Session& session(Timestamp expires_at = {}) {
    Session session;
    session.key_pubkey = "K";
    session.vault_pubkey = "V";
    session.scopes = {"read"};
    session.expires_at = expires_at;
    session.max_actions = 5;
    return named(std::move(session));
  }

  /// How many calls of the table `task` makes.
  template <typename T>
  std::size_t requests_of(Task<T> task) {
    table_->take_calls();
    (void)run(std::move(task));
    return table_->take_calls();
  }

  StoreSettings settings_;
};

}  // namespace loopstate::testing
