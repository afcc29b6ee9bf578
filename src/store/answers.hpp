// What the answer of each write is kept as, for whoever repeats it under its request id: JSON, read back into
// the very value that the first call was answered.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/store.hpp"

namespace loopstate::store {

std::string encode_answer(const Context& answer);
std::string encode_answer(const Capture& answer);
std::string encode_answer(const AddedCapture& answer);
/// Without what is held for the next call.
std::string encode_answer(const RecordOutcome& answer);
std::string encode_answer(const RefundOutcome& answer);
std::string encode_answer(const MarkOutcome& answer);
std::string encode_answer(const ProcessedTransaction& answer);

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

}  // namespace loopstate::store
