// What error replies mean, and calls without a reply.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "dax/cbor_reader.hpp"
#include "dax/item.hpp"
#include "dax/replies.hpp"
#include "dax/reply_reader.hpp"

namespace loopstate::dax {
namespace {

using cbor::Kind;
using table::service::CancellationReason;

/// The error codes of a reply; a short list reads as if zeros followed.
using Codes = std::array<std::int64_t, 5>;

/// The first code: whose failure it is.
enum class Whose : std::int64_t { Server = 1, ServerThatRecovers = 2, ServerForGood = 3, Client = 4 };

/// The third of those that begin with 23.
constexpr std::int64_t kAuthentication = 31;
/// The fourth of those that begin with 37.
constexpr std::int64_t kAccessDenied = 42;
constexpr std::int64_t kNotImplemented = 44;
/// After 37: the node's own failure.
constexpr std::int64_t kInternal = 54;

struct Service {
  std::int64_t code;
  std::string_view type;
};

/// The service's own errors, by the fifth code: after 37, 38, 39.
constexpr std::array kService = std::to_array<Service>({
    {40, "ProvisionedThroughputExceededException"},
    {41, "ResourceNotFoundException"},
    {43, "ConditionalCheckFailedException"},
    {45, "ResourceInUseException"},
    {46, "ValidationException"},
    {47, "InternalServerError"},
    {48, "ItemCollectionSizeLimitExceededException"},
    {49, "LimitExceededException"},
    {50, "ThrottlingException"},
    {57, "TransactionConflictException"},
    {58, "TransactionCanceledException"},
    {59, "TransactionInProgressException"},
    {60, "IdempotentParameterMismatchException"},
    {61, "RequestLimitExceeded"},
});

/// Sources of the codes: the official clients' tables. Empty: they have no name for it.
std::string_view type_of(const Codes& codes) {
  const auto [whose, area, second, third, fourth] = codes;
  if (area == 23 && second == 24) return "ResourceNotFoundException";
  if (area == 23 && second == 35) return "ResourceInUseException";
  if (area != 37) return {};
  if (second == kInternal) return "InternalServerError";
  if (third == kNotImplemented) return "UnknownOperationException";
  if (second == 38 && third == kAccessDenied) return "AccessDeniedException";
  if (second != 38 || third != 39) return {};
  const auto known = std::ranges::find(kService, fourth, &Service::code);
  return known == kService.end() ? std::string_view() : known->type;
}

bool is_about_authentication(const Codes& codes) {
  return codes[1] == 23 && codes[2] == kAuthentication;
}

/// What an error reply says.
struct ErrorReply {
  Codes codes{};
  std::string_view message;
  std::string_view type;
  std::vector<CancellationReason> reasons;
};

bool read_codes(cbor::Reader& reader, Codes& codes) {
  std::size_t at = 0;
  return read_array(reader, [&] {
    std::int64_t code = 0;
    if (!reader.read_int64(code)) return false;
    if (at < codes.size()) codes[at++] = code;
    return true;
  });
}

/// A flat list: code, message and item of each operation in turn.
bool read_reasons(cbor::Reader& reader, const std::vector<table::Key>& keys, ReplyNames& names,
                  std::vector<CancellationReason>& reasons) {
  if (reader.peek() == Kind::Null) return reader.read_null();
  cbor::Sequence array;
  if (!reader.begin_array(array)) return false;
  while (reader.next(array)) {
    if (reasons.size() == keys.size()) return reader.refuse("more reasons than operations");
    CancellationReason& reason = reasons.emplace_back();
    std::string_view code;
    std::string_view message;
    if (!read_optional_text(reader, code) || !reader.next(array) || !read_optional_text(reader, message) ||
        !reader.next(array)) {
      return reader.refuse("a reason that is cut off");
    }
    reason.code = code;
    reason.message = message;
    if (reader.peek() == Kind::Null) {
      reader.read_null();
      continue;
    }
    std::string_view bytes;
    if (!reader.read_bytes(bytes)) return false;
    Result<table::Attributes> attributes = parse_attributes(bytes, names);
    if (!attributes) return reader.refuse(attributes.error().message);
    reason.item = table::Item{keys[reasons.size() - 1], std::move(*attributes)};
  }
  return reader.ok();
}

bool read_details(cbor::Reader& reader, const std::vector<table::Key>& keys, ReplyNames& names,
                  ErrorReply& out) {
  if (reader.peek() == Kind::Null) return reader.read_null();
  cbor::Sequence details;
  if (!reader.begin_array(details)) return false;
  for (int at = 0; reader.next(details); ++at) {
    const bool read = at == 1   ? read_optional_text(reader, out.type)
                      : at == 3 ? read_reasons(reader, keys, names, out.reasons)
                                : reader.skip();  // the request's id, an HTTP status, anything unknown
    if (!read) return false;
  }
  return reader.ok();
}

std::string text_of(const Codes& codes) {
  const auto end = std::ranges::find(codes, 0);
  return fmt::format("{}", fmt::join(codes.begin(), end, ","));
}

/// Decides by whose failure it is, as far as the first code tells.
void judge_codes(Failure& failure, Method method, const ErrorReply& reply) {
  const auto whose = Whose{reply.codes[0]};
  std::string what =
      fmt::format("{} failed: the cluster answered with error {}", to_string(method), text_of(reply.codes));
  if (!reply.message.empty()) what += fmt::format(" (\"{}\")", table::service::shortened(reply.message));
  switch (whose) {
    case Whose::Server:
    case Whose::ServerThatRecovers:
      failure.again = Again::Transient;
      failure.maybe_done = true;
      failure.error = Error{ErrorCode::Unavailable, std::move(what), true, nullptr};
      return;
    case Whose::ServerForGood:
      failure.maybe_done = true;
      failure.error = Error{ErrorCode::Unavailable, std::move(what), true, nullptr};
      return;
    case Whose::Client:
      failure.error = Error{ErrorCode::InvalidArgument, std::move(what), false, nullptr};
      return;
  }
  failure.maybe_done = true;
  failure.error = Error{ErrorCode::ProtocolError, std::move(what), false, nullptr};
}

/// A connection that is not, or no longer, authorized: nothing was done, and one more try with a new
/// authorization is worth it.
void judge_authentication(Failure& failure, Method method) {
  if (failure.error.code == ErrorCode::InvalidArgument || failure.error.code == ErrorCode::Unavailable ||
      failure.error.code == ErrorCode::ProtocolError) {
    failure.error.code = ErrorCode::AccessDenied;
    failure.error.message = fmt::format(
        "{} was refused: the cluster does not accept these credentials; check them, the region, and that "
        "their policy allows {}",
        to_string(method),
        operation_of(method) ? fmt::format("dax:{}", to_string(method))
                             : std::string("the actions that docs/dax.md lists"));
  }
  failure.error.retryable = false;
  failure.again = Again::Credentials;
  failure.maybe_done = false;
}

Failure garbled(Method method, std::string_view why) {
  Failure failure;
  failure.again = Again::Transient;
  failure.maybe_done = true;
  failure.error =
      Error{ErrorCode::ProtocolError,
            fmt::format("the reply to {} cannot be read: {}", to_string(method), why), true, nullptr};
  return failure;
}

Failure judged(Method method, ErrorReply& reply) {
  Failure failure;
  const std::string_view by_codes = type_of(reply.codes);
  failure.type = by_codes.empty() ? reply.type : by_codes;
  failure.reasons = std::move(reply.reasons);
  judge_codes(failure, method, reply);
  // A known name says by itself whether anything was done.
  const bool maybe_done = std::exchange(failure.maybe_done, false);
  if (!judge_by_name(failure, to_string(method), {reply.message, {}})) failure.maybe_done = maybe_done;
  // A node makes its own checks under the service's names, for example of the lists that it knows: unlike the
  // service's, they say nothing about an earlier sending of the same write.
  const ErrorCode code = failure.error.code;
  if (code == ErrorCode::InvalidArgument || code == ErrorCode::ItemTooLarge) failure.type.clear();
  if (is_about_authentication(reply.codes)) judge_authentication(failure, method);
  // Not the service's failure but the cluster's own, on the way to it.
  const bool own = failure.type.empty() || (reply.codes[1] == 37 && reply.codes[2] == kInternal);
  if (own && failure.error.code == ErrorCode::Unavailable) failure.error.code = ErrorCode::ConnectionFailed;
  // If the node rules out a repetition, that counts for more than a name that allows one.
  if (Whose{reply.codes[0]} == Whose::ServerForGood) failure.again = Again::Never;
  return failure;
}

}  // namespace

std::expected<std::string_view, Failure> understand(Method method, std::string_view reply,
                                                    const std::vector<table::Key>& keys, ReplyNames& names) {
  names.values_left() = reply_values_max(method);
  cbor::Reader reader(reply);
  cbor::Sequence codes;
  if (!reader.begin_array(codes)) return std::unexpected(garbled(method, reader.problem()));
  if (!reader.next(codes)) {
    if (!reader.ok()) return std::unexpected(garbled(method, reader.problem()));
    return reply.substr(reader.position());
  }
  reader = cbor::Reader(reply);
  ErrorReply error;
  const bool read = read_codes(reader, error.codes) && read_optional_text(reader, error.message) &&
                    read_details(reader, keys, names, error);
  if (!read || !reader.finish()) return std::unexpected(garbled(method, reader.problem()));
  return std::unexpected(judged(method, error));
}

Failure unanswered(Method method, Error error, bool sent) {
  Failure failure;
  failure.maybe_done = sent;
  const ErrorCode code = error.code;
  const bool for_good = code == ErrorCode::Cancelled || code == ErrorCode::NoCredentials ||
                        code == ErrorCode::CredentialsExpired || code == ErrorCode::InvalidArgument ||
                        (code == ErrorCode::TlsFailed && !error.retryable);
  failure.again = for_good ? Again::Never : Again::Transient;
  failure.error = std::move(error);
  failure.error.message = fmt::format("{}: {}", to_string(method), failure.error.message);
  return failure;
}

}  // namespace loopstate::dax
