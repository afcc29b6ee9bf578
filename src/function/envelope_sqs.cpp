#include "function/envelope_sqs.hpp"

#include "function/envelope_members.hpp"
#include "webhook/signature_header.hpp"

namespace loopstate::function {
namespace {

/// Text and numbers; binary ones are not taken.
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
  const Members members(value);
  record.message_id = members.text("messageId").value_or("");
  record.queue_arn = members.text("eventSourceARN").value_or("");
  fifo = fifo || record.queue_arn.ends_with(".fifo");
  if (const auto attributes = members.find("attributes")) {
    if (const auto sent = json::string_member(*attributes, "SentTimestamp")) {
      record.sent_at_ms = webhook::timestamp_from(*sent);
    }
  }
  if (const auto attributes = members.find("messageAttributes")) read_attributes(*attributes, record);
  auto body = members.text("body");
  if (!body)
    record.problem = "the record's member body is missing or not a string";
  else
    record.body = std::move(*body);
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
