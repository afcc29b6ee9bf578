// A caller's request id names one write for 24 hours: which call, on whom, with what. What it stands for is
// a separate item (`REQUEST#{id}` `WRITE`), put in the write's own transaction on the condition that none
// exists. So of all calls under one id, one does the write, and the others find its hash and its answer.
//
// A rule begins with begin_write(core, options, "name", arguments...), makes its write with write_once or
// transact_once, which are given the answer in advance, and runs inside `once`. Without a caller's id
// all of this costs nothing.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/try.hpp"
#include "store/spine/answers.hpp"
#include "store/spine/call_hash.hpp"
#include "store/spine/core.hpp"

namespace loopstate::store {

inline constexpr std::chrono::seconds kRequestLifetime = std::chrono::days(1);

struct Request {
  std::string id;
  std::string call;  ///< its name, which determines how the answer is read
  std::string hash;
  bool done = false;                    ///< this call made its write, and the item with it
  bool is_first = false;                ///< what is stored shows that no call under this id made the write
  std::optional<table::Item> standing;  ///< the item of an earlier call
};

void name_write(WriteCall& write, std::string id, std::string_view call, std::string hash);

/// Names the write if the caller supplied a request id. InvalidArgument if a name among the arguments
/// names nothing. `arguments` are all those that say what is to be done, as the caller gave them: not what is
/// only held to save a request, nor the deadline.
template <typename... Arguments>
Result<WriteCall> begin_write(const Core& core, const CallFields& options, std::string_view call,
                              const Arguments&... arguments) {
  if (auto ok = check_all_given(arguments...); !ok) return std::unexpected(std::move(ok.error()));
  auto write = begin_write(core, options);
  if (!write || !options.request_id()) return write;
  CallHash hash(call);
  (hash.add(arguments), ...);
  name_write(*write, *options.request_id(), call, hash.finish());
  return write;
}

/// The answer that goes into the item; empty, without being made, if the caller named nothing.
template <typename T>
std::string answer_for(const WriteCall& call, const T& answer) {
  return call.request ? encode_answer(answer) : std::string();
}

/// The operations that make the item, for the write's transaction: the first on the condition that none
/// exists; more if the answer does not fit into it. `user`: whose data the answer may hold, so that an
/// erasure that scans the table finds it.
std::vector<table::Put> put_request(const WriteCall& call, std::string_view user, std::string answer);

/// One transaction of `operations`, plus the request's item if the caller named the write. The refusals
/// are those of `operations`. If another call under this id was first, an error that `once` replaces with the
/// answer.
Task<Result<table::TransactOutcome>> transact_once(CorePtr core, std::vector<table::Operation> operations,
                                                   WriteCall call, std::string user, std::string answer);

/// The same for one conditional put, update or erase: sent by itself if the caller named nothing. In a
/// transaction the outcome has an item only if it was refused.
Task<Result<table::WriteOutcome>> write_once(CorePtr core, table::Operation operation, WriteCall call,
                                             std::string user, std::string answer);

/// What the item contains.
struct RequestRow {
  std::string call;  ///< empty if the item does not say
  std::string hash;
  std::string answer;       ///< as much as is in the item itself
  std::uint64_t parts = 0;  ///< number of items that hold the rest
};
/// CorruptItem.
Result<RequestRow> request_from_row(const table::Item& row);

/// Whether such an error depends on what the rules found stored, so that a repetition may have been answered
/// differently.
bool is_refusal(ErrorCode code) noexcept;
/// Fills in `standing`.
Task<Result<void>> look_up_request(CorePtr core, WriteCall call);

/// Before work that takes long, or that leaves something behind if it is refused: an error that `once`
/// replaces with the answer if a call under this id was made before.
Task<Result<void>> refuse_repetition(CorePtr core, WriteCall call);

/// Completes the answer in `standing` if it is in parts.
Task<Result<void>> gather_answer(CorePtr core, WriteCall call);

/// The text of the answer. RequestIdReused if the item belongs to another write; CorruptItem.
Result<std::string> answer_text(const Request& request);
/// CorruptItem that names the request's item.
std::unexpected<Error> unreadable_answer(const Request& request, const Error& why);

template <typename T>
Result<T> read_answer(const Request& request) {
  TRY(auto text, answer_text(request));
  auto answer = decode_answer<T>(text);
  if (!answer) return unreadable_answer(request, answer.error());
  return answer;
}

/// What it means to repeat a call whose outcome is unknown, exactly as it was made and without a request id.
enum class Repetition : bool {
  MayDoItTwice,   ///< or may undo what somebody else has done since
  IsToldByItself  ///< a transaction id, a fence or the version handed back shows what was done
};

/// The result of `work`, or another call's answer if that did the work under this id before: looked up
/// if `work` did not meet it, which is the case when it ended without a write. RequestIdReused, CorruptItem.
/// Adds to an OutcomeUnknown whether the call may be repeated.
template <typename T>
Task<Result<T>> once(CorePtr core, WriteCall call, Task<Result<T>> work,
                     Repetition repetition = Repetition::MayDoItTwice) {
  auto result = co_await std::move(work);
  if (!result && result.error().code == ErrorCode::OutcomeUnknown) {
    result.error().retryable = call.request != nullptr || repetition == Repetition::IsToldByItself;
  }
  if (!call.request || call.request->done) co_return result;
  if (!call.request->standing) {
    if (call.request->is_first) co_return result;
    if (!result && !is_refusal(result.error().code)) co_return result;
    CO_TRY_OK(co_await look_up_request(core, call));
    if (!call.request->standing) co_return result;
  }
  CO_TRY_OK(co_await gather_answer(core, call));
  co_return read_answer<T>(*call.request);
}

/// For a write that only its id distinguishes from a second one: after OutcomeUnknown, repeating it does
/// no harm only if the caller gave it an id.
template <typename T>
Task<Result<T>> once_if_named(CorePtr core, WriteCall call, Task<Result<T>> work) {
  auto named = once(std::move(core), call, std::move(work));
  auto result = co_await std::move(named);
  if (!result && result.error().code == ErrorCode::OutcomeUnknown) {
    result.error().retryable = call.request != nullptr;
  }
  co_return result;
}

}  // namespace loopstate::store
