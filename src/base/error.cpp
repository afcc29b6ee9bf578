#include "loopstate/error.hpp"

namespace loopstate {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::NotFound:
      return "NotFound";
    case ErrorCode::AlreadyExists:
      return "AlreadyExists";
    case ErrorCode::InvalidArgument:
      return "InvalidArgument";
    case ErrorCode::ItemTooLarge:
      return "ItemTooLarge";
    case ErrorCode::CorruptItem:
      return "CorruptItem";
    case ErrorCode::VersionConflict:
      return "VersionConflict";
    case ErrorCode::CardLinkedElsewhere:
      return "CardLinkedElsewhere";
    case ErrorCode::SessionExpired:
      return "SessionExpired";
    case ErrorCode::ScopeDenied:
      return "ScopeDenied";
    case ErrorCode::NoActionsLeft:
      return "NoActionsLeft";
    case ErrorCode::RequestIdReused:
      return "RequestIdReused";
    case ErrorCode::Superseded:
      return "Superseded";
    case ErrorCode::Erased:
      return "Erased";
    case ErrorCode::OutcomeUnknown:
      return "OutcomeUnknown";
    case ErrorCode::DeadlineExceeded:
      return "DeadlineExceeded";
    case ErrorCode::Cancelled:
      return "Cancelled";
    case ErrorCode::Unavailable:
      return "Unavailable";
    case ErrorCode::Throttled:
      return "Throttled";
    case ErrorCode::Unsupported:
      return "Unsupported";
    case ErrorCode::TableNotFound:
      return "TableNotFound";
    case ErrorCode::TableNotReady:
      return "TableNotReady";
    case ErrorCode::TableMismatch:
      return "TableMismatch";
    case ErrorCode::StorageFull:
      return "StorageFull";
    case ErrorCode::StorageReadOnly:
      return "StorageReadOnly";
    case ErrorCode::StorageCorrupt:
      return "StorageCorrupt";
    case ErrorCode::StorageFailure:
      return "StorageFailure";
    case ErrorCode::AccessDenied:
      return "AccessDenied";
    case ErrorCode::NoCredentials:
      return "NoCredentials";
    case ErrorCode::CredentialsExpired:
      return "CredentialsExpired";
    case ErrorCode::ClockSkew:
      return "ClockSkew";
    case ErrorCode::NameResolutionFailed:
      return "NameResolutionFailed";
    case ErrorCode::ConnectionFailed:
      return "ConnectionFailed";
    case ErrorCode::TlsFailed:
      return "TlsFailed";
    case ErrorCode::ProtocolError:
      return "ProtocolError";
    case ErrorCode::Internal:
      return "Internal";
  }
  return "Internal";
}

}  // namespace loopstate
