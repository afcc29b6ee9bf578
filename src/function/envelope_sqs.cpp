#include "function/envelope_sqs.hpp"

#include "json/fields.hpp"
#include "webhook/signature_header.hpp"

namespace loopstate::function {
namespace {

/// Text and numbers; binary attributes are skipped.
void read_attributes(const json::View& attributes, SqsRecord& record) {
  for (const auto& [name, attribute] : attributes.members()) {
    if (auto text = json::string_member(attribute, "stringValue")) {
      record.attributes.emplace_back(name, std::move(*text));
    }
  }
}

SqsRecord read_record(const json::View& value, bool& fifo) {
  SqsRecord record;
  if (value.kind() != json::Kind::Object) {
    record.problem = "the record is not an object";
    return record;
  }
  const json::Fields members(value);
  record.message_id = members.find_text("messageId").value_or("");
  record.queue_arn = members.find_text("eventSourceARN").value_or("");
  fifo = fifo || record.queue_arn.ends_with(".fifo");
  if (const auto attributes = members.find_object("attributes")) {
    if (const auto sent = attributes->find_text("SentTimestamp")) {
      record.sent_at_ms = webhook::timestamp_from(*sent);
    }
  }
  if (const auto attributes = members.find("messageAttributes")) read_attributes(*attributes, record);
  record.body = members.text("body");
  if (!members.ok()) record.problem = "the record's member " + members.problem().message();
  return record;
}

}  // namespace

SqsBatch read_sqs(const std::vector<json::View>& records) {
  SqsBatch batch;
  batch.records.reserve(records.size());
  for (const auto& record : records) batch.records.push_back(read_record(record, batch.fifo));
  return batch;
}

}  // namespace loopstate::function
