#include "store/spine/answers.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/try.hpp"
#include "store/documents/codec.hpp"
#include "store/rows/context_access.hpp"
#include "store/spine/refund_answer.hpp"

// Each answer has a form with a schema: the value, and what its own JSON leaves out.

namespace loopstate::store {
namespace {

constexpr std::size_t kTypicalBytes = 512;

// Indexed by the number that stands for them in a kept answer, which never changes.
constexpr std::array kRefundStates = {
    RefundOutcome::State::Recorded,       RefundOutcome::State::Undone,
    RefundOutcome::State::Duplicate,      RefundOutcome::State::Noted,
    RefundOutcome::State::ExceedsPayment, RefundOutcome::State::OtherCurrency,
    RefundOutcome::State::UnknownPayment};

struct KeptContext {
  Context context;
  std::vector<std::string> write_ids;
  std::optional<std::vector<std::string>> ring;
  Timestamp ring_read_at{};
  UnknownFields unknown;
};

struct KeptCapture {
  Capture capture;
  std::string id;
  Money refunded{};
  Timestamp kept_until{};
  UnknownFields unknown;
};

struct KeptAddition {
  KeptCapture capture;
  std::vector<KeptCapture> dropped;
  std::uint64_t version = 0;
  UnknownFields unknown;
};

struct KeptRecord {
  UserId user;
  std::string capture_id;
  std::vector<KeptCapture> dropped;
  std::uint64_t version = 0;
  Timestamp waits_until{};  // Timestamp{}: it was recorded
  UnknownFields unknown;
};

struct KeptLink {
  Fingerprint fingerprint;
  UserId user;
  std::string last4;
  Timestamp linked_at{};
  std::vector<KeptCapture> recorded;
  std::vector<KeptCapture> dropped;
  std::uint64_t version = 0;
  UnknownFields unknown;
};

struct KeptRefund {
  std::uint32_t state = 0;  // as in kRefundStates
  UserId user;
  std::uint64_t version = 0;
  Money changed{};
  Money refunded{};
  bool still_pending = false;
  UnknownFields unknown;
};

struct KeptMark {
  TransactionId transaction;
  UserId user;
  std::uint64_t amount = 0;
  Timestamp processed_at{};
  std::optional<std::string> payload_hash;
  std::optional<std::string> result;
  UnknownFields unknown;
};

}  // namespace

template <>
struct Schema<KeptContext> {
  static constexpr auto members =
      std::tuple(Member{"context", &KeptContext::context}, Member{"write_ids", &KeptContext::write_ids},
                 Member{"ring", &KeptContext::ring}, Member{"ring_read_at", &KeptContext::ring_read_at});
};
template <>
struct Schema<KeptCapture> {
  static constexpr auto members =
      std::tuple(Member{"capture", &KeptCapture::capture}, Member{"id", &KeptCapture::id},
                 InnerMember{"currency", &KeptCapture::refunded, &Money::currency},
                 InnerMember{"refunded_cents", &KeptCapture::refunded, &Money::minor_units},
                 Member{"kept_until", &KeptCapture::kept_until});
};
template <>
struct Schema<KeptAddition> {
  static constexpr auto members =
      std::tuple(Member{"capture", &KeptAddition::capture}, Member{"dropped", &KeptAddition::dropped},
                 Member{"version", &KeptAddition::version});
};
template <>
struct Schema<KeptRecord> {
  static constexpr auto members =
      std::tuple(Member{"user", &KeptRecord::user}, Member{"capture_id", &KeptRecord::capture_id},
                 Member{"dropped", &KeptRecord::dropped}, Member{"version", &KeptRecord::version},
                 Member{"waits_until", &KeptRecord::waits_until, Need::Optional});
};
template <>
struct Schema<KeptLink> {
  static constexpr auto members =
      std::tuple(Member{"fingerprint", &KeptLink::fingerprint}, Member{"user", &KeptLink::user},
                 Member{"last4", &KeptLink::last4}, Member{"linked_at", &KeptLink::linked_at},
                 Member{"recorded", &KeptLink::recorded, Need::Optional},
                 Member{"dropped", &KeptLink::dropped, Need::Optional},
                 Member{"version", &KeptLink::version, Need::Optional});
};
template <>
struct Schema<KeptRefund> {
  static constexpr auto members =
      std::tuple(Member{"state", &KeptRefund::state}, Member{"user", &KeptRefund::user},
                 Member{"version", &KeptRefund::version},
                 InnerMember{"changed_cents", &KeptRefund::changed, &Money::minor_units},
                 InnerMember{"refunded_cents", &KeptRefund::refunded, &Money::minor_units},
                 InnerMember{"currency", &KeptRefund::changed, &Money::currency, Need::Optional},
                 Member{"still_pending", &KeptRefund::still_pending});
};
template <>
struct Schema<KeptMark> {
  static constexpr auto members =
      std::tuple(Member{"transaction", &KeptMark::transaction}, Member{"user", &KeptMark::user},
                 Member{"amount", &KeptMark::amount}, Member{"processed_at", &KeptMark::processed_at},
                 Member{"payload_hash", &KeptMark::payload_hash}, Member{"result", &KeptMark::result});
};

namespace {

template <typename Kept>
std::string write_kept(const Kept& kept) {
  return write_document<Schema<Kept>>(kept, kTypicalBytes);
}

template <typename Kept>
Result<Kept> read_kept(std::string_view text) {
  return read_document<Schema<Kept>, Kept>(text);
}

KeptCapture keep(const Capture& capture) {
  return {
      capture, capture.id, {capture.refunded.minor_units, capture.amount.currency}, capture.kept_until, {}};
}

Capture give_back(KeptCapture kept) {
  auto capture = std::move(kept.capture);
  capture.id = std::move(kept.id);
  capture.amount.currency = kept.refunded.currency;
  capture.refunded = kept.refunded;
  capture.kept_until = kept.kept_until;
  return capture;
}

std::vector<KeptCapture> keep(const std::vector<Capture>& captures) {
  std::vector<KeptCapture> kept;
  kept.reserve(captures.size());
  for (const auto& capture : captures) kept.push_back(keep(capture));
  return kept;
}

std::vector<Capture> give_back(std::vector<KeptCapture> kept) {
  std::vector<Capture> captures;
  captures.reserve(kept.size());
  for (auto& capture : kept) captures.push_back(give_back(std::move(capture)));
  return captures;
}

KeptMark keep(const ProcessedTransaction& record) {
  return {record.transaction, record.user, record.cred_amount, record.processed_at, record.payload_hash,
          record.result,      {}};
}

ProcessedTransaction give_back(KeptMark kept) {
  return {std::move(kept.transaction), std::move(kept.user),         kept.amount,
          kept.processed_at,           std::move(kept.payload_hash), std::move(kept.result)};
}

}  // namespace

std::string encode_answer(const Context& answer) {
  const auto& row = row_of(answer);
  return write_kept(KeptContext{answer, row.write_ids, row.ring, row.ring_read_at, {}});
}

template <>
Result<Context> decode_answer(std::string_view text) {
  TRY(auto kept, read_kept<KeptContext>(text));
  auto context = std::move(kept.context);
  auto& row = row_of(context);
  row.write_ids = std::move(kept.write_ids);
  row.ring = std::move(kept.ring);
  row.ring_read_at = kept.ring_read_at;
  row.updated_at = context.updated_at;
  row.stored = true;
  row.user = context.pubkey.text();
  return context;
}

std::string encode_answer(const Capture& answer) {
  return write_kept(keep(answer));
}

template <>
Result<Capture> decode_answer(std::string_view text) {
  TRY(auto kept, read_kept<KeptCapture>(text));
  return give_back(std::move(kept));
}

std::string encode_answer(const AddedCapture& answer) {
  const auto& added = *answer.added();
  return write_kept(KeptAddition{keep(added.capture), keep(added.dropped), added.version, {}});
}

template <>
Result<AddedCapture> decode_answer(std::string_view text) {
  TRY(auto kept, read_kept<KeptAddition>(text));
  return AddedCapture(AddedCapture::Added{give_back(std::move(kept.capture)),
                                          give_back(std::move(kept.dropped)), kept.version});
}

std::string encode_answer(const RecordOutcome& answer) {
  KeptRecord kept;
  if (const auto* recorded = answer.recorded()) {
    kept.user = recorded->user;
    kept.capture_id = recorded->capture_id;
    kept.dropped = keep(recorded->dropped);
    kept.version = recorded->version;
  } else if (const auto* waiting = answer.waiting()) {
    kept.waits_until = waiting->until;
  }
  return write_kept(kept);
}

template <>
Result<RecordOutcome> decode_answer(std::string_view text) {
  TRY(auto kept, read_kept<KeptRecord>(text));
  if (kept.waits_until != Timestamp{}) return RecordOutcome(RecordOutcome::Waiting{kept.waits_until});
  return RecordOutcome(RecordOutcome::Recorded{std::move(kept.user), std::move(kept.capture_id),
                                               give_back(std::move(kept.dropped)), kept.version});
}

std::string encode_answer(const LinkedCard& answer) {
  KeptLink kept;
  kept.fingerprint = answer.fingerprint;
  kept.user = answer.user;
  kept.last4 = answer.last4;
  kept.linked_at = answer.linked_at;
  kept.recorded = keep(answer.recorded);
  kept.dropped = keep(answer.dropped);
  kept.version = answer.version;
  return write_kept(kept);
}

template <>
Result<LinkedCard> decode_answer(std::string_view text) {
  TRY(auto kept, read_kept<KeptLink>(text));
  LinkedCard card;
  card.fingerprint = std::move(kept.fingerprint);
  card.user = std::move(kept.user);
  card.last4 = std::move(kept.last4);
  card.linked_at = kept.linked_at;
  card.recorded = give_back(std::move(kept.recorded));
  card.dropped = give_back(std::move(kept.dropped));
  card.version = kept.version;
  return card;
}

std::string encode_answer(const RefundOutcome& answer) {
  KeptRefund kept;
  kept.state =
      static_cast<std::uint32_t>(std::ranges::find(kRefundStates, answer.state()) - kRefundStates.begin());
  if (const auto* user = answer.user()) kept.user = *user;
  if (const auto* change = answer.change()) {
    kept.version = change->version;
    kept.changed = change->changed;
    kept.refunded = change->refunded.value_or(Money{});
    kept.still_pending = change->refunded.has_value();
  }
  return write_kept(kept);
}

template <>
Result<RefundOutcome> decode_answer(std::string_view text) {
  TRY(auto kept, read_kept<KeptRefund>(text));
  if (kept.state >= kRefundStates.size()) {
    return fail(ErrorCode::CorruptItem, "state is not one that a refund can have");
  }
  std::optional<RefundOutcome::Change> change;
  if (kept.version != 0) change = {kept.version, kept.changed, {}};
  if (change && kept.still_pending) change->refunded = {kept.refunded.minor_units, kept.changed.currency};
  return refund_outcome(kRefundStates[kept.state], std::move(kept.user), change);
}

std::string encode_answer(const ProcessedTransaction& answer) {
  return write_kept(keep(answer));
}

template <>
Result<ProcessedTransaction> decode_answer(std::string_view text) {
  TRY(auto kept, read_kept<KeptMark>(text));
  return give_back(std::move(kept));
}

std::string encode_answer(const MarkOutcome& answer) {
  return encode_answer(answer.record);
}

template <>
Result<MarkOutcome> decode_answer(std::string_view text) {
  TRY(auto record, decode_answer<ProcessedTransaction>(text));
  return MarkOutcome{true, std::move(record)};
}

}  // namespace loopstate::store
