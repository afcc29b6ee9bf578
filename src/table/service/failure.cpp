#include "table/service/failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace loopstate::table::service {

namespace {

constexpr std::size_t kMessageBytesMax = 300;

struct Known {
  std::string_view type;
  ErrorCode code;
  Again again;
};

// Source: the errors in the service model, and the retry lists of the AWS SDKs.
constexpr std::array kKnown = std::to_array<Known>({
    {"ProvisionedThroughputExceededException", ErrorCode::Throttled, Again::Throttling},
    {"ThrottlingException", ErrorCode::Throttled, Again::Throttling},
    {"Throttling", ErrorCode::Throttled, Again::Throttling},
    {"ThrottledException", ErrorCode::Throttled, Again::Throttling},
    {"RequestThrottledException", ErrorCode::Throttled, Again::Throttling},
    {"RequestThrottled", ErrorCode::Throttled, Again::Throttling},
    {"TooManyRequestsException", ErrorCode::Throttled, Again::Throttling},
    {"RequestLimitExceeded", ErrorCode::Throttled, Again::Throttling},
    {"BandwidthLimitExceeded", ErrorCode::Throttled, Again::Throttling},
    {"LimitExceededException", ErrorCode::Throttled, Again::Throttling},
    {"SlowDown", ErrorCode::Throttled, Again::Throttling},
    {"PriorRequestNotComplete", ErrorCode::Throttled, Again::Throttling},
    {"TransactionInProgressException", ErrorCode::Unavailable, Again::Throttling},
    {"TransactionConflictException", ErrorCode::Unavailable, Again::Conflict},
    {"ReplicatedWriteConflictException", ErrorCode::Unavailable, Again::Conflict},
    {"InternalServerError", ErrorCode::Unavailable, Again::Transient},
    {"InternalFailure", ErrorCode::Unavailable, Again::Transient},
    {"ServiceUnavailable", ErrorCode::Unavailable, Again::Transient},
    {"ServiceUnavailableException", ErrorCode::Unavailable, Again::Transient},
    {"RequestTimeout", ErrorCode::Unavailable, Again::Transient},
    {"RequestTimeoutException", ErrorCode::Unavailable, Again::Transient},
    {"AccessDeniedException", ErrorCode::AccessDenied, Again::Never},
    {"IncompleteSignatureException", ErrorCode::AccessDenied, Again::Never},
    {"MissingAuthenticationTokenException", ErrorCode::AccessDenied, Again::Never},
    {"MissingAuthenticationToken", ErrorCode::AccessDenied, Again::Never},
    {"InvalidSignatureException", ErrorCode::AccessDenied, Again::Never},
    {"SignatureDoesNotMatch", ErrorCode::AccessDenied, Again::Never},
    {"UnrecognizedClientException", ErrorCode::AccessDenied, Again::Credentials},
    {"ExpiredTokenException", ErrorCode::CredentialsExpired, Again::Credentials},
    {"ExpiredToken", ErrorCode::CredentialsExpired, Again::Credentials},
    {"RequestExpired", ErrorCode::ClockSkew, Again::Never},
    {"RequestInTheFuture", ErrorCode::ClockSkew, Again::Never},
    {"RequestTimeTooSkewed", ErrorCode::ClockSkew, Again::Never},
    {"ResourceNotFoundException", ErrorCode::TableNotFound, Again::Never},
    {"TableNotFoundException", ErrorCode::TableNotFound, Again::Never},
    {"ResourceInUseException", ErrorCode::TableNotReady, Again::Never},
    {"UnknownOperationException", ErrorCode::Unsupported, Again::Never},
    {"ValidationException", ErrorCode::InvalidArgument, Again::Never},
    {"SerializationException", ErrorCode::InvalidArgument, Again::Never},
    {"IdempotentParameterMismatchException", ErrorCode::InvalidArgument, Again::Never},
    {"ItemCollectionSizeLimitExceededException", ErrorCode::StorageFull, Again::Never},
});

/// Errors whose message may quote the request's headers, including the session token.
bool quotes_request(std::string_view type) {
  return about_signature(type) || type == "IncompleteSignatureException";
}

std::string_view advice(ErrorCode code, std::string_view type) {
  if (type == "UnrecognizedClientException")
    return "the service does not know the access key; check credentials and region";
  if (type == "MissingAuthenticationTokenException" || type == "MissingAuthenticationToken") {
    return "the request arrived without a signature; a proxy in between may have dropped it";
  }
  if (quotes_request(type) && code == ErrorCode::AccessDenied) {
    return "the signature does not match: the secret access key, the session token or the region is wrong";
  }
  switch (code) {
    case ErrorCode::AccessDenied:
      return "these credentials are not allowed to do that; check them, and their policy for this table";
    case ErrorCode::CredentialsExpired:
      return "the credentials have expired; sign in again, or renew them";
    case ErrorCode::ClockSkew:
      return "this machine's clock is wrong; set it by NTP";
    case ErrorCode::TableNotFound:
      return "no such table in this account and region, or it is still being created; check the name and the "
             "region, or run `loopstate init`";
    case ErrorCode::TableNotReady:
      return "the table is being created or changed; try again later";
    case ErrorCode::Throttled:
      return "the table or the account accepts no more requests for now";
    case ErrorCode::Unsupported:
      return "this server or table has no such operation; loopstate needs a DynamoDB table with transactions "
             "and time to live, which one with strong consistency between Regions does not have";
    default:
      return {};
  }
}

bool mentions_item_size(std::string_view message) {
  return message.find("tem size") != std::string_view::npos;
}

/// If the reasons allow it, the whole transaction is sent again; a condition that did not hold is an
/// answer.
void judge_cancelled(Failure& failure) {
  failure.again = Again::Never;
  failure.maybe_done = false;
  bool refused = false;
  bool conflict = false;
  bool throttled = false;
  const CancellationReason* fault = nullptr;
  for (const CancellationReason& reason : failure.reasons) {
    if (reason.code == "None" || reason.code.empty()) continue;
    if (reason.code == "ConditionalCheckFailed") {
      refused = true;
    } else if (reason.code == "TransactionConflict") {
      conflict = true;
    } else if (reason.code == "ThrottlingError" || reason.code == "ProvisionedThroughputExceeded") {
      throttled = true;
    } else if (fault == nullptr) {
      fault = &reason;
    }
  }
  if (fault != nullptr) {
    const bool too_large = mentions_item_size(fault->message);
    const bool denied = fault->code == "AccessDenied";
    failure.error.code = too_large ? ErrorCode::ItemTooLarge
                         : denied  ? ErrorCode::AccessDenied
                                   : ErrorCode::InvalidArgument;
    failure.error.message =
        fmt::format("the service refused the transaction: operation {}: {}: {}",
                    fault - failure.reasons.data() + 1, fault->code, shortened(fault->message));
    return;
  }
  failure.refused = refused;
  failure.error.code = throttled ? ErrorCode::Throttled : ErrorCode::Unavailable;
  failure.error.retryable = true;
  failure.error.message = throttled ? "the service applied no part of the transaction: it is throttling"
                                    : "another transaction was at work on one of the items";
  if (!refused && (conflict || throttled)) failure.again = throttled ? Again::Throttling : Again::Conflict;
}

void judge_refused(Failure& failure) {
  failure.again = Again::Never;
  failure.maybe_done = false;
  failure.refused = true;
  failure.error = Error{ErrorCode::AlreadyExists, "the condition did not hold", false, nullptr};
}

void judge_known(Failure& failure, const Known& known, std::string_view operation, const Remark& remark) {
  failure.again = known.again;
  Error& error = failure.error;
  // What failed halfway may have been done all the same, and so may a transaction under way under our token.
  failure.maybe_done = failure.maybe_done || known.again == Again::Transient ||
                       failure.type == "TransactionInProgressException";
  error.code = known.code;
  error.retryable = known.again != Again::Never && known.again != Again::Credentials;
  if (known.code == ErrorCode::InvalidArgument && mentions_item_size(remark.message)) {
    error.code = ErrorCode::ItemTooLarge;
  }
  // A table with strong consistency across Regions has the operation, but refuses it.
  if (operation == to_string(Operation::TransactWriteItems) && failure.type == "ValidationException" &&
      remark.message.find("not supported") != std::string::npos) {
    error.code = ErrorCode::Unsupported;
  }
  error.message = fmt::format("{} was refused: {}", operation, failure.type);
  const std::string_view hint = advice(error.code, failure.type);
  if (!remark.throttling_reason.empty()) {
    error.message += fmt::format(" ({})", shortened(remark.throttling_reason));
  } else if (!remark.message.empty() && !quotes_request(failure.type)) {
    error.message += fmt::format(" (\"{}\")", shortened(remark.message));
  }
  if (!hint.empty()) error.message += fmt::format(": {}", hint);
}

}  // namespace

bool about_signature(std::string_view type) {
  return type == "InvalidSignatureException" || type == "SignatureDoesNotMatch" || type == "RequestExpired" ||
         type == "RequestInTheFuture" || type == "RequestTimeTooSkewed";
}

Error done_but_unreadable(Operation operation, const Error& error) {
  return Error{ErrorCode::OutcomeUnknown,
               fmt::format("{} was done, but its reply is unclear: {}", to_string(operation), error.message),
               true, nullptr};
}

std::string shortened(std::string_view text) {
  if (text.size() <= kMessageBytesMax) return std::string(text);
  std::size_t end = kMessageBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

bool judge_by_name(Failure& failure, std::string_view operation, const Remark& remark) {
  if (failure.type == "ConditionalCheckFailedException") {
    judge_refused(failure);
    return true;
  }
  if (failure.type == "TransactionCanceledException") {
    judge_cancelled(failure);
    return true;
  }
  const auto known = std::ranges::find(kKnown, failure.type, &Known::type);
  if (known == kKnown.end()) return false;
  judge_known(failure, *known, operation, remark);
  return true;
}

}  // namespace loopstate::table::service
