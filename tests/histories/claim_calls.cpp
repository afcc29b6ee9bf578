// Claims: taken, extended, completed and released, also by holders that were late.
#include <fmt/format.h>

#include <map>
#include <mutex>

#include "histories/calls.hpp"
#include "times.hpp"

namespace loopstate::histories {
namespace {

constexpr std::chrono::seconds kLease{500};
constexpr std::size_t kKeptClaims = 6;

std::string result_text(const ProcessedTransaction& record) {
  return fmt::format(R"({{"result":"{}"}})", record.result.value_or(""));
}

std::string claim_text(const Claim& claim) {
  return fmt::format(R"("fence":{},"holder":"{}")", claim.fence(), claim.holder());
}

std::string_view policy_text(LapsedPolicy policy) {
  switch (policy) {
    case LapsedPolicy::Rerun:
      return "rerun";
    case LapsedPolicy::Refuse:
      return "refuse";
    default:
      return "reconcile";
  }
}

std::string outcome_text(const ClaimOutcome& outcome) {
  std::string members =
      fmt::format(R"("state":"{}","fence":{})", to_string(outcome.state()), outcome.fence());
  if (const auto* own = outcome.claim())
    members += fmt::format(R"(,"until":{})", unix_seconds(own->lease_until()));
  if (const auto* other = outcome.in_progress())
    members += fmt::format(R"(,"until":{})", unix_seconds(other->until));
  if (const auto* done = outcome.done())
    members += fmt::format(R"(,"result":"{}")", done->record.result.value_or(""));
  return "{" + members + "}";
}

class ClaimCalls final : public Calls {
 public:
  explicit ClaimCalls(const Scale& scale) : transactions_(scale.keys) {}

  double clock_moves() const override { return 0.08; }

  Invocation next(Random& random, int client, std::uint64_t unique) override {
    const std::string id = fmt::format("txn{}", pick(random, static_cast<std::uint64_t>(transactions_)));
    const auto own = some_claim(id, random);
    const std::uint64_t which = pick(random, 100);
    if (which < 8) return is_processed(id);
    if (which < 50 || !own) return claim(id, random, client);
    if (which < 68) return extend(*own);
    if (which < 90) return release(*own);
    return complete(*own, unique);
  }

 private:
  Invocation claim(const std::string& id, Random& random, int client) {
    const std::string payload = chance(random, 0.9) ? "p" : "q";
    const auto policy = static_cast<LapsedPolicy>(pick(random, 3));
    const std::string holder = fmt::format("c{}", client);
    return {{"claim",
             id,
             fmt::format(R"({{"payload":"{}","policy":"{}","holder":"{}","lease":{}}})", payload,
                         policy_text(policy), holder, kLease.count()),
             "",
             {}},
            [=, this](BlockingStore& store, CallOptions options) -> Answer {
              const auto outcome = store.claim(name_of<TransactionId>(id), payload, kLease, policy,
                                               ClaimOptions(std::move(options)).holder(holder));
              if (!outcome) return std::unexpected(outcome.error());
              if (const auto* own = outcome->claim()) keep(id, *own, payload);
              return outcome_text(*outcome);
            }};
  }

  struct Own {
    Claim claim;
    std::string payload;
  };

  static Invocation extend(const Own& own) {
    const Claim& claim = own.claim;
    return {{"extend",
             claim.transaction().text(),
             fmt::format(R"({{{},"lease":{}}})", claim_text(claim), kLease.count()),
             "",
             {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<Claim>(
                  store.extend(claim, kLease, std::move(options)), [](const Claim& longer) {
                    return fmt::format(R"({{"until":{}}})", unix_seconds(longer.lease_until()));
                  });
            }};
  }

  static Invocation release(const Own& own) {
    const Claim& claim = own.claim;
    return {{"release", claim.transaction().text(), fmt::format("{{{}}}", claim_text(claim)), "", {}},
            [=](BlockingStore& store, CallOptions options) -> Answer {
              const auto done = store.release(claim, std::move(options));
              if (!done) return std::unexpected(done.error());
              return "{}";
            }};
  }

  static Invocation complete(const Own& own, std::uint64_t unique) {
    const Claim& claim = own.claim;
    const std::string result = fmt::format("r{}", unique);
    return {{"complete",
             claim.transaction().text(),
             fmt::format(R"({{{},"payload":"{}","result":"{}"}})", claim_text(claim), own.payload, result),
             "",
             {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<ProcessedTransaction>(
                  store.complete(claim, name_of<UserId>("someone"), 7, result, std::move(options)),
                  result_text);
            }};
  }

  static Invocation is_processed(const std::string& id) {
    return {{"is_processed", id, "{}", "", {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<std::optional<ProcessedTransaction>>(
                  store.is_processed(name_of<TransactionId>(id), std::move(options)),
                  [](const std::optional<ProcessedTransaction>& mark) -> std::string {
                    return mark ? result_text(*mark) : "{}";
                  });
            },
            true};
  }

  void keep(const std::string& id, const Claim& claim, const std::string& payload) {
    const std::lock_guard lock(mutex_);
    auto& kept = claims_[id];
    kept.push_back({claim, payload});
    if (kept.size() > kKeptClaims) kept.erase(kept.begin());
  }

  /// The newest one half of the time, otherwise any: late holders try as well.
  std::optional<Own> some_claim(const std::string& id, Random& random) {
    const std::lock_guard lock(mutex_);
    const auto& kept = claims_[id];
    if (kept.empty()) return std::nullopt;
    return chance(random, 0.5) ? kept.back() : kept[pick(random, kept.size())];
  }

  int transactions_;
  std::mutex mutex_;
  std::map<std::string, std::vector<Own>> claims_;
};

}  // namespace

std::unique_ptr<Calls> make_claim_calls(const Scale& scale) {
  return std::make_unique<ClaimCalls>(scale);
}

}  // namespace loopstate::histories
