#include "agent/answer.hpp"

#include "base/timestamp.hpp"
#include "json/writer.hpp"

namespace loopstate::agent {
namespace {

constexpr std::chrono::seconds kRetrySoon{5};
constexpr std::chrono::seconds kRetryLater{300};

int status_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::StoreBusy:
    case Outcome::ClockDoubted:
    case Outcome::TooManyWaiting:
      return 503;
    case Outcome::Failed:
      return 500;
    case Outcome::Refused:
      return 422;
    default:
      return 200;
  }
}

Answer refused(int status, std::string_view error) {
  Answer answer;
  answer.status = status;
  answer.outcome = Outcome::Refused;
  json::Writer json;
  json.begin_object().key("outcome").string("refused").key("error").string(error).end_object();
  answer.body = std::move(json).take();
  return answer;
}

}  // namespace

Answer answer_of(const Effect& effect) {
  Answer answer;
  answer.outcome = effect.outcome;
  answer.status = status_of(effect.outcome);
  json::Writer json;
  json.begin_object().key("outcome").string(to_string(effect.outcome));
  if (!effect.capture_id.empty()) json.key("capture").string(effect.capture_id);
  if (!effect.dropped.empty()) {
    json.key("dropped").begin_array();
    for (const auto& id : effect.dropped) json.string(id);
    json.end_array();
  }
  if (effect.seen_at) json.key("seen_at").number(unix_seconds(*effect.seen_at));
  if (effect.error) json.key("error").string(loopstate::to_string(effect.error->code));
  if (effect.report) json.key("report").value(*effect.report);
  json.end_object();
  answer.body = std::move(json).take();
  if (answer.status == 503) {
    answer.retry_after = effect.outcome == Outcome::StoreBusy ? kRetrySoon : kRetryLater;
  }
  return answer;
}

Answer answer_of(const webhook::Refusal& refusal) {
  switch (refusal.kind) {
    case webhook::RefusalKind::SwitchedOff: {
      auto answer = refused(503, "switched_off");
      answer.retry_after = kRetryLater;
      return answer;
    }
    // One word for all three, so that a forger learns nothing.
    case webhook::RefusalKind::MissingHeader:
      return refused(401, "not_authentic");
    case webhook::RefusalKind::MalformedHeader:
      return refused(400, "not_authentic");
    case webhook::RefusalKind::BadSignature:
    case webhook::RefusalKind::StaleTimestamp:
      return refused(403, "not_authentic");
    case webhook::RefusalKind::MalformedPayload:
      return refused(422, "malformed_payload");
    case webhook::RefusalKind::UnsupportedPayload:
      return refused(422, "unsupported_payload");
  }
  return refused(400, "refused");
}

Answer too_large() {
  return refused(413, "too_large");
}

std::string_view reason_of(webhook::RefusalKind kind) noexcept {
  switch (kind) {
    case webhook::RefusalKind::SwitchedOff:
      return "switched_off";
    case webhook::RefusalKind::MissingHeader:
      return "missing_header";
    case webhook::RefusalKind::MalformedHeader:
      return "malformed_header";
    case webhook::RefusalKind::BadSignature:
      return "bad_signature";
    case webhook::RefusalKind::StaleTimestamp:
      return "stale_timestamp";
    case webhook::RefusalKind::MalformedPayload:
      return "malformed_payload";
    case webhook::RefusalKind::UnsupportedPayload:
      return "unsupported_payload";
  }
  return "other";
}

}  // namespace loopstate::agent
