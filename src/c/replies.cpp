#include "c/replies.hpp"

#include "base/timestamp.hpp"
#include "base/utf8.hpp"

namespace loopstate::c {
namespace {

/// Messages may quote what somebody else sent.
std::string utf8_of(const std::string& text) {
  if (is_utf8(text)) return text;
  std::string clean;
  for (const char c : text) clean += static_cast<unsigned char>(c) < 0x80 ? c : '?';
  return clean;
}

}  // namespace

std::string error_json(const Error& error) {
  json::Writer json;
  json.begin_object().key("code").string(to_string(error.code));
  json.key("message").string(utf8_of(error.message)).key("retryable").boolean(error.retryable);
  if (error.conflict) {
    json.key("conflict").begin_object().key("current").raw(to_json(error.conflict->current));
    json.key("paths").begin_array();
    for (const auto& path : error.conflict->paths) json.string(path);
    json.end_array().end_object();
  }
  json.end_object();
  return std::move(json).take();
}

std::string linked_json(const LinkedCard& card) {
  auto text = to_json(static_cast<const Card&>(card));
  text.pop_back();
  json::Writer more;
  more.begin_object().key("recorded").raw(json::array(card.recorded));
  more.key("dropped").raw(json::array(card.dropped)).key("version").number(card.version).end_object();
  return text + ',' + std::move(more).take().substr(1);
}

std::string record_json(const ProcessedTransaction& record) {
  json::Writer json;
  json.begin_object().key("transaction").string(record.transaction.text());
  json.key("user_pubkey").string(record.user.text()).key("cred_amount").number(record.cred_amount);
  json.key("processed_at").number(unix_seconds(record.processed_at));
  if (record.payload_hash) json.key("payload_hash").string(*record.payload_hash);
  if (record.result) json.key("result").string(*record.result);
  json.end_object();
  return std::move(json).take();
}

void write_amount(json::Writer& json, const Money& money) {
  json.key("amount_cents").number(money.minor_units);
  if (money.currency.known()) json.key("currency").string(money.currency.text());
}

void write_collections(json::Writer& json, const std::vector<CollectionInfo>& collections) {
  json.begin_array();
  for (const auto& one : collections) {
    json.begin_object().key("collection").string(one.collection.text()).key("appended").number(one.appended);
    json.key("created_at").number(unix_seconds(one.created_at)).end_object();
  }
  json.end_array();
}

void write_time(json::Writer& json, std::string_view member, Timestamp time) {
  if (time != Timestamp{}) json.key(member).number(unix_seconds(time));
}

}  // namespace loopstate::c
