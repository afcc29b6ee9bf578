// How the answer of each write is kept for repetitions under its request id: as JSON, read back into
// exactly the value that the first call returned.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/document.hpp"
#include "loopstate/store.hpp"

namespace loopstate::store {

/// What the request's item says about an erasure, which may be cut off between its transactions.
struct KeptErasure {
  EraseReceipt receipt;
  bool finished = false;
};

std::string encode_answer(const Context& answer);
std::string encode_answer(const Capture& answer);
/// For a capture that was added.
std::string encode_answer(const AddedCapture& answer);
/// For a purchase that was recorded or waits, without what is held for the next call.
std::string encode_answer(const RecordOutcome& answer);
std::string encode_answer(const RefundOutcome& answer);
std::string encode_answer(const MarkOutcome& answer);
std::string encode_answer(const ProcessedTransaction& answer);
std::string encode_answer(const Card& answer);
std::string encode_answer(const LinkedCard& answer);
std::string encode_answer(const Session& answer);
std::string encode_answer(const Authorization& answer);
std::string encode_answer(const Claim& answer);
/// For a claim that was granted.
std::string encode_answer(const ClaimOutcome& answer);
std::string encode_answer(const KeptErasure& answer);
std::string encode_answer(const StoredDocument& answer);
std::string encode_answer(const AppendedDocuments& answer);
std::string encode_answer(bool answer);

/// Whether this is a valid answer of the call of that name (as it begins its write): CorruptItem. For a
/// call that this version does not know, only that it is JSON.
Result<void> check_answer(std::string_view call, std::string_view text);

/// CorruptItem that names the field.
template <typename T>
Result<T> decode_answer(std::string_view text);

template <>
Result<Context> decode_answer(std::string_view text);
template <>
Result<Capture> decode_answer(std::string_view text);
template <>
Result<AddedCapture> decode_answer(std::string_view text);
template <>
Result<RecordOutcome> decode_answer(std::string_view text);
template <>
Result<RefundOutcome> decode_answer(std::string_view text);
template <>
Result<MarkOutcome> decode_answer(std::string_view text);
template <>
Result<ProcessedTransaction> decode_answer(std::string_view text);
template <>
Result<Card> decode_answer(std::string_view text);
template <>
Result<LinkedCard> decode_answer(std::string_view text);
template <>
Result<Session> decode_answer(std::string_view text);
template <>
Result<Authorization> decode_answer(std::string_view text);
template <>
Result<Claim> decode_answer(std::string_view text);
template <>
Result<ClaimOutcome> decode_answer(std::string_view text);
template <>
Result<KeptErasure> decode_answer(std::string_view text);
template <>
Result<StoredDocument> decode_answer(std::string_view text);
template <>
Result<AppendedDocuments> decode_answer(std::string_view text);
template <>
Result<bool> decode_answer(std::string_view text);
template <>
Result<void> decode_answer(std::string_view text);

}  // namespace loopstate::store
