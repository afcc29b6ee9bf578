#include "c/question_json.hpp"

#include "base/timestamp.hpp"
#include "c/given_json.hpp"

namespace loopstate::c {

std::string entry_json(const UserEntry& entry) {
  json::Writer json;
  json.begin_object().key("user").string(entry.user.text()).key("version").number(entry.version);
  write_time(json, "touched_at", entry.touched_at);
  write_time(json, "erased_at", entry.erased_at);
  json.key("pending").number(std::uint64_t{entry.pending}).key("cards").number(std::uint64_t{entry.cards});
  json.key("session").boolean(entry.has_session).key("location").boolean(entry.has_location).end_object();
  return std::move(json).take();
}

std::string entry_json(const PendingCapture& entry) {
  json::Writer json;
  json.begin_object().key("user").string(entry.user.text());
  json.key("capture").raw(to_json(entry.capture));
  if (entry.transaction) json.key("transaction").string(entry.transaction->text());
  write_time(json, "kept_until", entry.capture.kept_until);
  json.end_object();
  return std::move(json).take();
}

std::string entry_json(const SeenPayment& entry) {
  json::Writer json;
  json.begin_object().key("transaction").string(entry.record.transaction.text());
  json.key("user").string(entry.record.user.text());
  write_amount(json, entry.paid);
  json.key("refunded_cents").number(entry.refunded.minor_units);
  json.key("processed_at").number(unix_seconds(entry.record.processed_at));
  write_time(json, "remembered_until", entry.remembered_until);
  if (entry.record.result) json.key("result").string(*entry.record.result);
  if (entry.record.payload_hash) json.key("payload_hash").string(*entry.record.payload_hash);
  json.end_object();
  return std::move(json).take();
}

std::string entry_json(const EndedCapture& entry) {
  json::Writer json;
  json.begin_object().key("user").string(entry.user.text()).key("id").string(entry.id);
  json.key("ending").string(to_string(entry.ending));
  json.key("ended_at").number(unix_seconds(entry.ended_at)).key("merchant_id").string(entry.merchant_id);
  write_amount(json, entry.amount);
  json.key("refunded_cents").number(entry.refunded.minor_units).end_object();
  return std::move(json).take();
}

namespace {

std::string story_part(const ClaimView& claim) {
  json::Writer json;
  json.begin_object().key("state").string(to_string(claim.state)).key("fence").number(claim.fence);
  json.key("holder").string(claim.holder);
  write_time(json, "lease_until", claim.lease_until);
  json.key("after_lapse").boolean(claim.after_lapse).end_object();
  return std::move(json).take();
}

std::string story_part(const PaymentWait& wait) {
  json::Writer json;
  json.begin_object().key("state").string(to_string(wait.state));
  json.key("since").number(unix_seconds(wait.since)).key("until").number(unix_seconds(wait.until));
  write_amount(json, wait.amount);
  json.end_object();
  return std::move(json).take();
}

std::string story_part(const RefundReport& report) {
  json::Writer json;
  json.begin_object().key("refund").string(report.refund.text()).key("kind").string(to_string(report.kind));
  json.key("state").string(to_string(report.state));
  write_amount(json, report.amount);
  write_time(json, "begun_at", report.begun_at);
  json.key("reported_at").number(unix_seconds(report.reported_at)).end_object();
  return std::move(json).take();
}

std::string story_part(const CaptureFate& fate) {
  json::Writer json;
  json.begin_object().key("state").string(to_string(fate.state)).key("id").string(fate.id);
  write_time(json, "at", fate.at);
  if (fate.capture) json.key("capture").raw(to_json(*fate.capture));
  json.key("alike").raw(json::array(fate.alike)).end_object();
  return std::move(json).take();
}

}  // namespace

std::string entry_json(const PaymentStory& story) {
  json::Writer json;
  json.begin_object().key("transaction").string(story.transaction.text());
  if (story.seen) json.key("seen").raw(entry_json(*story.seen));
  if (story.claim) json.key("claim").raw(story_part(*story.claim));
  if (story.wait) json.key("wait").raw(story_part(*story.wait));
  json.key("refunds").begin_array();
  for (const auto& report : story.refunds) json.raw(story_part(report));
  json.end_array().key("reported_back_cents").number(story.reported_back.minor_units);
  if (story.capture) json.key("capture").raw(story_part(*story.capture));
  json.key("events").begin_array();
  for (const auto& event : story.events) json.raw(event_json(event));
  json.end_array().key("user_erased").boolean(story.user_erased).end_object();
  return std::move(json).take();
}

}  // namespace loopstate::c
