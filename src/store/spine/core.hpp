// What all rules share: the table, the settings, the clock, and how a call begins.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/store.hpp"
#include "store/spine/collection_pins.hpp"
#include "store/spine/session_pins.hpp"
#include "table/table.hpp"

namespace loopstate::store {

struct Core {
  std::shared_ptr<table::Table> table;
  StoreSettings settings;
  const Clock& clock;
  std::atomic<std::uint64_t> conflicts{0};
  std::atomic<std::uint64_t> captures_dropped{0}, captures_expired{0};
  SessionPins sessions;
  CollectionPins collections;
};

using CorePtr = std::shared_ptr<Core>;

struct Request;  // request.hpp: the caller's name for the write

/// A write in progress: one `now` and one deadline for all it does, and the id by which it is known.
struct WriteCall {
  table::Call call;
  /// This call's own. 15 characters, and time-ordered: ids of a later second compare greater.
  std::string write_id;
  /// If the caller named the write: shared by all its attempts.
  std::shared_ptr<Request> request;
};

/// Without a caller's name; rules begin with what request.hpp makes of it. InvalidArgument
/// if the request id is not 1 to 36 characters of `A-Z a-z 0-9 - _`.
Result<WriteCall> begin_write(const Core& core, const CallFields& options);

/// InvalidArgument if an argument of a call is a default-constructed name or claim, which stands for nothing.
template <typename Argument>
Result<void> check_given(const Argument& /*not a name*/) {
  return {};
}
template <typename Tag>
Result<void> check_given(const Name<Tag>& name) {
  return name.empty() ? check_name(Tag::field, name.text()) : Result<void>{};
}
template <typename Tag>
Result<void> check_given(const std::optional<Name<Tag>>& name) {
  return name ? check_given(*name) : Result<void>{};
}
inline Result<void> check_given(const Claim& claim) {
  if (!claim.transaction().empty()) return {};
  return fail(ErrorCode::InvalidArgument, "claim is empty");
}
template <typename... Arguments>
Result<void> check_all_given(const Arguments&... arguments) {
  Result<void> ok;
  static_cast<void>(((ok = check_given(arguments)).has_value() && ...));
  return ok;
}

/// The end of a span that begins now and may be as long as a caller likes.
Deadline deadline_after(std::chrono::milliseconds span);
/// When the caller wants the call to be over; nothing: no limit.
std::optional<Deadline> deadline_of(const CallFields& options);

/// For reads, which need no id.
table::Call begin_read(const Core& core, const CallFields& options);
/// For the calls that only read, which may have been told to accept what is stale.
table::Call begin_read(const Core& core, const ReadOptions& options);
/// The same for what `name` names.
template <typename Tag>
Result<table::Call> begin_read(const Core& core, const ReadOptions& options, const Name<Tag>& name) {
  if (auto ok = check_given(name); !ok) return std::unexpected(std::move(ok.error()));
  return begin_read(core, options);
}

/// The rows of 1 to 100 different keys, in the order asked; if any cannot be read, the first error.
Task<Result<std::vector<std::optional<table::Item>>>> read_rows(CorePtr core, std::vector<table::Key> keys,
                                                                table::Call call);

/// Erased, naming the user.
std::unexpected<Error> erased(std::string_view user);
/// For transactions that must not bring an erased user back: a check of the context's place.
table::Check user_not_erased(std::string_view user);

}  // namespace loopstate::store
