// What can go wrong. Every call returns a value or an Error and throws nothing; a program that prefers
// exceptions wraps its calls in `or_throw`. If a function passed to a call throws, an Exception becomes the
// call's error, and any other exception leaves the call (BlockingStore: becomes Internal).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace loopstate {

struct Conflict;  // context.hpp: what a VersionConflict carries

/// One enumerator for each case that a caller may want to handle. The names are the ones that `--json`
/// prints.
enum class ErrorCode : std::uint8_t {
  // The caller's question or data.
  NotFound,         ///< nothing live exists there
  AlreadyExists,    ///< something live exists there already
  InvalidArgument,  ///< a name, path, value or document was refused; the message names it
  ItemTooLarge,     ///< an item over 400 KB, or a context that would leave no room for captures
  CorruptItem,      ///< a stored item cannot be read; the message names item and field

  // The rules.
  VersionConflict,      ///< somebody else wrote first; `Error::conflict` has the fresh context
  CardLinkedElsewhere,  ///< the card belongs to another user
  SessionExpired,       ///< the session has expired
  ScopeDenied,          ///< the session does not have this scope
  NoActionsLeft,        ///< the session has no actions left
  Superseded,           ///< the claim was taken over by another holder
  RequestIdReused,      ///< the request id names another write of the last 24 hours; nothing was done
  Erased,               ///< the user was erased

  // The call.
  OutcomeUnknown,    ///< a reply was lost, and the write may or may not have happened
  DeadlineExceeded,  ///< the deadline passed, and nothing was written
  Cancelled,         ///< the caller cancelled, and nothing was written

  // The store, any engine.
  Unavailable,      ///< a temporary failure that outlasted the retries inside the call
  Throttled,        ///< the store asks for less load
  Unsupported,      ///< not supported by this store or version
  TableNotFound,    ///< no such table, or no such file
  TableNotReady,    ///< being created
  TableMismatch,    ///< the table has another shape, or the file another format or version
  StorageFull,      ///< no space left
  StorageReadOnly,  ///< the folder or file may not be written
  StorageCorrupt,   ///< a truncated or damaged file
  StorageFailure,   ///< any other failure of the operating system

  // The way to a remote store.
  AccessDenied,
  NoCredentials,
  CredentialsExpired,
  ClockSkew,
  NameResolutionFailed,
  ConnectionFailed,
  TlsFailed,
  ProtocolError,  ///< a reply that is truncated, not JSON, or whose checksum is wrong

  Internal,  ///< a defect in loopstate
};

/// The enumerator's name, e.g. "VersionConflict".
std::string_view to_string(ErrorCode code) noexcept;

/// Copyable, and cheap to move. The message is a sentence for people: it names the item or the field, and
/// never contains a secret, a card id or a whole payload.
struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;
  /// Whether repeating the same call unchanged may succeed later and can do no harm. For an OutcomeUnknown
  /// this means that the call had a request id, or is safe to repeat without one (docs/errors.md lists
  /// those calls).
  bool retryable = false;
  std::shared_ptr<const Conflict> conflict;  ///< with VersionConflict only, else null
};

template <typename T>
using Result = std::expected<T, Error>;

/// An Error as an exception; what() is its message.
class Exception : public std::runtime_error {
 public:
  explicit Exception(Error error)
      : std::runtime_error(error.message), error_(std::make_shared<const Error>(std::move(error))) {}

  const Error& error() const noexcept { return *error_; }
  ErrorCode code() const noexcept { return error_->code; }

 private:
  std::shared_ptr<const Error> error_;  // shared, so that copying an exception never throws
};

/// The value, or its Error thrown as an Exception:
///
///     BlockingStore store = or_throw(BlockingStore::open("embedded:./shop.db"));
///     Context context = or_throw(co_await async_store.fetch(user));
template <typename T>
T or_throw(Result<T> result) {
  if (!result) throw Exception(std::move(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// `return fail(ErrorCode::NotFound, "no context for user U1");`
inline std::unexpected<Error> fail(ErrorCode code, std::string message, bool retryable = false) {
  return std::unexpected(Error{code, std::move(message), retryable, nullptr});
}

}  // namespace loopstate
