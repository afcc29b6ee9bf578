// The kept answers of writes about cards, sessions, claims, locations and erasures: see answers.hpp.
#include <optional>
#include <utility>

#include "base/try.hpp"
#include "store/documents/codec.hpp"
#include "store/spine/answers.hpp"

namespace loopstate::store {
namespace {

constexpr std::size_t kShortBytes = 256;

struct KeptCard {
  Fingerprint fingerprint;
  UserId user;
  std::string last4;
  Timestamp linked_at{};
  UnknownFields unknown;
};

struct KeptAuthorization {
  std::uint32_t actions_left = 0;
  UnknownFields unknown;
};

struct KeptClaim {
  TransactionId transaction;
  std::uint64_t fence = 0;
  std::string holder;
  Timestamp lease_until{};
  std::string payload_hash;
  UnknownFields unknown;
};

struct KeptGrant {
  bool after_lapse = false;
  KeptClaim claim;
  UnknownFields unknown;
};

struct KeptReceipt {
  UserId user;
  std::uint64_t version = 0;
  Timestamp erased_at{};
  std::uint64_t items = 0;
  std::uint64_t cards = 0;
  bool scanned = false;
  std::uint64_t transactions = 0;
  std::uint64_t unreadable = 0;
  bool finished = false;
  UnknownFields unknown;
};

}  // namespace

template <>
struct Schema<KeptCard> {
  static constexpr auto members =
      std::tuple(Member{"fingerprint", &KeptCard::fingerprint}, Member{"user", &KeptCard::user},
                 Member{"last4", &KeptCard::last4}, Member{"linked_at", &KeptCard::linked_at});
};
template <>
struct Schema<KeptAuthorization> {
  static constexpr auto members = std::tuple(Member{"actions_left", &KeptAuthorization::actions_left});
};
template <>
struct Schema<KeptClaim> {
  static constexpr auto members =
      std::tuple(Member{"transaction", &KeptClaim::transaction}, Member{"fence", &KeptClaim::fence},
                 Member{"holder", &KeptClaim::holder}, Member{"lease_until", &KeptClaim::lease_until},
                 Member{"payload_hash", &KeptClaim::payload_hash});
};
template <>
struct Schema<KeptGrant> {
  static constexpr auto members =
      std::tuple(Member{"after_lapse", &KeptGrant::after_lapse}, Member{"claim", &KeptGrant::claim});
};
template <>
struct Schema<KeptReceipt> {
  static constexpr auto members =
      std::tuple(Member{"user", &KeptReceipt::user}, Member{"version", &KeptReceipt::version},
                 Member{"erased_at", &KeptReceipt::erased_at}, Member{"items", &KeptReceipt::items},
                 Member{"cards", &KeptReceipt::cards}, Member{"scanned", &KeptReceipt::scanned},
                 Member{"transactions", &KeptReceipt::transactions},
                 Member{"unreadable", &KeptReceipt::unreadable}, Member{"finished", &KeptReceipt::finished});
};

namespace {

template <typename Kept>
std::string write_short(const Kept& kept) {
  return write_document<Schema<Kept>>(kept, kShortBytes);
}

template <typename Kept>
Result<Kept> read_short(std::string_view text) {
  return read_document<Schema<Kept>, Kept>(text);
}

KeptClaim keep_claim(const Claim& claim) {
  return {claim.transaction(), claim.fence(), claim.holder(), claim.lease_until(), claim.payload_hash(), {}};
}

Claim claim_of(KeptClaim kept) {
  return Claim::from_parts(std::move(kept.transaction), kept.fence, std::move(kept.holder),
                           std::move(kept.payload_hash), kept.lease_until);
}

}  // namespace

std::string encode_answer(bool answer) {
  return answer ? "true" : "false";
}

template <>
Result<bool> decode_answer(std::string_view text) {
  if (text == "true" || text == "false") return text == "true";
  return fail(ErrorCode::CorruptItem, "the answer is neither true nor false");
}

template <>
Result<void> decode_answer(std::string_view) {
  return {};
}

std::string encode_answer(const Card& answer) {
  return write_short(KeptCard{answer.fingerprint, answer.user, answer.last4, answer.linked_at, {}});
}

template <>
Result<Card> decode_answer(std::string_view text) {
  TRY(auto kept, read_short<KeptCard>(text));
  return Card{std::move(kept.fingerprint), std::move(kept.user), std::move(kept.last4), kept.linked_at};
}

std::string encode_answer(const Session& answer) {
  return to_json(answer);
}

template <>
Result<Session> decode_answer(std::string_view text) {
  return read_document<Schema<Session>, Session>(text);
}

std::string encode_answer(const Authorization& answer) {
  return write_short(KeptAuthorization{answer.actions_left, {}});
}

template <>
Result<Authorization> decode_answer(std::string_view text) {
  TRY(auto kept, read_short<KeptAuthorization>(text));
  return Authorization{kept.actions_left};
}

std::string encode_answer(const Claim& answer) {
  return write_short(keep_claim(answer));
}

template <>
Result<Claim> decode_answer(std::string_view text) {
  TRY(auto kept, read_short<KeptClaim>(text));
  return claim_of(std::move(kept));
}

std::string encode_answer(const ClaimOutcome& answer) {
  return write_short(KeptGrant{answer.lapsed() != nullptr, keep_claim(*answer.claim()), {}});
}

template <>
Result<ClaimOutcome> decode_answer(std::string_view text) {
  TRY(auto kept, read_short<KeptGrant>(text));
  const auto fence = kept.claim.fence;
  auto claim = claim_of(std::move(kept.claim));
  if (kept.after_lapse) return ClaimOutcome(ClaimOutcome::Lapsed{std::move(claim)}, fence);
  return ClaimOutcome(ClaimOutcome::Fresh{std::move(claim)}, fence);
}

std::string encode_answer(const KeptErasure& answer) {
  const auto& receipt = answer.receipt;
  const auto scan = receipt.scan.value_or(EraseReceipt::Scan{});
  return write_short(KeptReceipt{receipt.user,
                                 receipt.version,
                                 receipt.erased_at,
                                 receipt.items_removed,
                                 receipt.cards_removed,
                                 receipt.scan.has_value(),
                                 scan.transactions_removed,
                                 scan.unreadable,
                                 answer.finished,
                                 {}});
}

template <>
Result<KeptErasure> decode_answer(std::string_view text) {
  TRY(auto kept, read_short<KeptReceipt>(text));
  KeptErasure erasure;
  auto& receipt = erasure.receipt;
  receipt.user = std::move(kept.user);
  receipt.version = kept.version;
  receipt.erased_at = kept.erased_at;
  receipt.items_removed = kept.items;
  receipt.cards_removed = kept.cards;
  if (kept.scanned) receipt.scan = {kept.transactions, kept.unreadable};
  erasure.finished = kept.finished;
  return erasure;
}

}  // namespace loopstate::store
