#include "webhook/refusal.hpp"

namespace loopstate::webhook {

std::string_view to_string(RefusalKind kind) noexcept {
  switch (kind) {
    case RefusalKind::SwitchedOff:
      return "SwitchedOff";
    case RefusalKind::MissingHeader:
      return "MissingHeader";
    case RefusalKind::MalformedHeader:
      return "MalformedHeader";
    case RefusalKind::BadSignature:
      return "BadSignature";
    case RefusalKind::StaleTimestamp:
      return "StaleTimestamp";
    case RefusalKind::MalformedPayload:
      return "MalformedPayload";
    case RefusalKind::UnsupportedPayload:
      return "UnsupportedPayload";
  }
  return "MalformedPayload";
}

}  // namespace loopstate::webhook
