// The ring of pending captures: added, recorded with their payments, settled, listed. An amount names a
// capture.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <mutex>

#include "histories/calls.hpp"

namespace loopstate::histories {
namespace {

constexpr std::uint64_t kPayments = 8;
constexpr std::size_t kKeptIds = 8;

std::string amounts(const std::vector<Capture>& captures) {
  std::vector<std::uint64_t> list;
  for (const Capture& capture : captures) list.push_back(capture.amount.minor_units);
  return fmt::format("[{}]", fmt::join(list, ","));
}

Capture capture_of(std::uint64_t amount) {
  Capture capture;
  capture.merchant_id = "shop";
  capture.amount.minor_units = amount;
  return capture;
}

class RingCalls final : public Calls {
 public:
  explicit RingCalls(const Scale& scale) : users_(scale.keys) {}

  Invocation next(Random& random, int /*client*/, std::uint64_t unique) override {
    const std::string user = fmt::format("user{}", pick(random, static_cast<std::uint64_t>(users_)));
    const std::string payment = fmt::format("{}-pay{}", user, pick(random, kPayments));
    const HeldState held = chance(random, 0.5) ? last_held(user) : HeldState{};
    const std::uint64_t which = pick(random, 100);
    if (which < 25) return add(user, {}, held.context(), unique);
    if (which < 35) return add(user, payment, held.context(), unique);
    if (which < 60) return record(user, payment, held, unique);
    if (which < 65) return is_processed(user, payment);
    if (which < 85) {
      if (const auto known = some_capture(user, random)) return settle(user, *known, held.context());
    }
    return list(user);
  }

 private:
  struct Known {
    std::string id;
    std::uint64_t amount = 0;
  };

  Invocation add(const std::string& user, const std::optional<std::string>& payment,
                 const std::optional<Context>& held, std::uint64_t unique) {
    const std::string args = payment ? fmt::format(R"({{"amount":{},"payment":"{}"}})", unique, *payment)
                                     : fmt::format(R"({{"amount":{}}})", unique);
    return {
        {"add_capture", user, args, "", {}}, [=, this](BlockingStore& store, CallOptions options) -> Answer {
          const auto transaction = payment ? std::optional(name_of<TransactionId>(*payment)) : std::nullopt;
          const auto added =
              store.add_capture(name_of<UserId>(user), capture_of(unique),
                                AddCaptureOptions(std::move(options)).transaction(transaction).held(held));
          if (!added) return std::unexpected(added.error());
          // Seen before, nothing was added.
          const auto* now = added->added();
          if (!now) return R"({"first":false})";
          keep(user, {now->capture.id, unique});
          return fmt::format(R"({{"first":true,"named":{},"dropped":{},"version":{}}})",
                             !now->capture.id.empty(), amounts(now->dropped), now->version);
        }};
  }

  Invocation record(const std::string& user, const std::string& payment, const HeldState& held,
                    std::uint64_t unique) {
    return {
        {"record_capture", user, fmt::format(R"({{"amount":{},"payment":"{}"}})", unique, payment), "", {}},
        [=, this](BlockingStore& store, CallOptions options) -> Answer {
          ContextEvent event;
          event.event_type = "payment";
          event.summary = "paid";
          const PurchaseRecord purchase{
              name_of<TransactionId>(payment), card_of(user), capture_of(unique), event, {}};
          const auto outcome = store.record_capture(purchase, RecordOptions(std::move(options)).held(held));
          if (!outcome) return std::unexpected(outcome.error());
          if (outcome->unknown_card()) return R"({"state":"unknown_card"})";
          if (outcome->duplicate()) return R"({"state":"duplicate"})";
          const auto& recorded = *outcome->recorded();
          keep(user, {recorded.capture_id, unique});
          hold(user, outcome->held());
          return fmt::format(R"({{"state":"recorded","named":{},"dropped":{},"version":{}}})",
                             !recorded.capture_id.empty(), amounts(recorded.dropped), recorded.version);
        }};
  }

  static Invocation settle(const std::string& user, const Known& known, const std::optional<Context>& held) {
    return {{"settle_capture", user, fmt::format(R"({{"amount":{}}})", known.amount), "", {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<Capture>(
                  store.settle_capture(name_of<UserId>(user), known.id,
                                       WriteOptions(std::move(options)).held(held)),
                  [](const Capture& settled) {
                    return fmt::format(R"({{"amount":{}}})", settled.amount.minor_units);
                  });
            }};
  }

  Invocation list(const std::string& user) {
    return {{"list_captures", user, "{}", "", {}},
            [=, this](BlockingStore& store, CallOptions options) -> Answer {
              const auto captures = store.list_captures(name_of<UserId>(user), std::move(options));
              if (!captures) return std::unexpected(captures.error());
              for (const Capture& capture : *captures) keep(user, {capture.id, capture.amount.minor_units});
              return amounts(*captures);
            },
            true};
  }

  static Invocation is_processed(const std::string& user, const std::string& payment) {
    return {{"is_processed", user, fmt::format(R"({{"payment":"{}"}})", payment), "", {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<std::optional<ProcessedTransaction>>(
                  store.is_processed(name_of<TransactionId>(payment), std::move(options)),
                  [](const std::optional<ProcessedTransaction>& mark) -> std::string {
                    return mark ? "true" : "false";
                  });
            },
            true};
  }

  void keep(const std::string& user, Known known) {
    const std::lock_guard lock(mutex_);
    auto& list = known_[user];
    list.push_back(std::move(known));
    if (list.size() > kKeptIds) list.erase(list.begin());
  }
  std::optional<Known> some_capture(const std::string& user, Random& random) {
    const std::lock_guard lock(mutex_);
    const auto& list = known_[user];
    if (list.empty()) return std::nullopt;
    return list[pick(random, list.size())];
  }
  void hold(const std::string& user, const HeldState& held) {
    const std::lock_guard lock(mutex_);
    held_.insert_or_assign(user, held);
  }
  HeldState last_held(const std::string& user) {
    const std::lock_guard lock(mutex_);
    return held_[user];
  }

  int users_;
  std::mutex mutex_;
  std::map<std::string, std::vector<Known>> known_;
  std::map<std::string, HeldState> held_;
};

}  // namespace

Fingerprint card_of(const std::string& user) {
  return name_of<Fingerprint>("card-of-" + user);
}

std::unique_ptr<Calls> make_ring_calls(const Scale& scale) {
  return std::make_unique<RingCalls>(scale);
}

}  // namespace loopstate::histories
