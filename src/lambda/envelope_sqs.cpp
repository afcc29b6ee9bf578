#include "lambda/envelope_sqs.hpp"

#include <charconv>

#include "lambda/envelope_members.hpp"

namespace loopstate::lambda {
namespace {

std::optional<std::int64_t> milliseconds_from(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || value < 0) return std::nullopt;
  return value;
}

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
  if (const auto arn = members.text("eventSourceARN")) fifo = fifo || arn->ends_with(".fifo");
  if (const auto attributes = members.find("attributes")) {
    if (const auto sent = json::string_member(*attributes, "SentTimestamp")) {
      record.sent_at_ms = milliseconds_from(*sent);
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

}  // namespace loopstate::lambda
