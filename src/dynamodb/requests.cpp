#include "dynamodb/requests.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "json/writer.hpp"
#include "table/json/typed_json.hpp"

namespace loopstate::dynamodb {

namespace {

using table::Consistency;
using table::Key;

void begin(std::string& out, std::string_view table, std::size_t reserve = 256) {
  out.reserve(reserve);
  out += R"({"TableName":)";
  json::append_string(out, table);
}

void append_placeholders(std::string& out, const Placeholders& placeholders) {
  const auto append_all = [&](std::string_view member, char mark, const auto& entries, auto append) {
    if (entries.empty()) return;
    out += fmt::format(",\"{}\":", member);
    for (std::size_t at = 0; at < entries.size(); ++at) {
      fmt::format_to(std::back_inserter(out), R"({}"{}{}":)", at == 0 ? '{' : ',', mark, at);
      append(out, entries[at]);
    }
    out += '}';
  };
  append_all("ExpressionAttributeNames", '#', placeholders.names(), json::append_string);
  append_all("ExpressionAttributeValues", ':', placeholders.values(), table::append_value);
}

void append_expressions(std::string& out, const Expressions& expressions) {
  if (!expressions.condition.empty()) {
    out += R"(,"ConditionExpression":)";
    json::append_string(out, expressions.condition);
    out += R"(,"ReturnValuesOnConditionCheckFailure":"ALL_OLD")";
  }
  if (!expressions.update.empty()) {
    out += R"(,"UpdateExpression":)";
    json::append_string(out, expressions.update);
  }
  append_placeholders(out, expressions.placeholders);
}

/// One action of a transaction: {"Put":{"TableName":...,...}}.
struct ActionAppender {
  std::string& out;
  std::string_view table;
  Timestamp now;

  Result<void> operator()(const table::Put& put) const {
    TRY(auto expressions, render_condition(put.condition, now));
    open("Put");
    out += R"(,"Item":)";
    table::append_item(out, put.item);
    return close(expressions);
  }
  Result<void> operator()(const table::UpdateItem& update) const {
    TRY(auto expressions, render_update(update.update, update.condition, now));
    // The service accepts no update without a change; such an update is simply a check.
    return on_key(expressions.update.empty() ? "ConditionCheck" : "Update", update.key, expressions);
  }
  Result<void> operator()(const table::Erase& erase) const {
    TRY(auto expressions, render_condition(erase.condition, now));
    return on_key("Delete", erase.key, expressions);
  }
  Result<void> operator()(const table::Check& check) const {
    TRY(auto expressions, render_check(check.condition, now));
    return on_key("ConditionCheck", check.key, expressions);
  }

 private:
  void open(std::string_view action) const {
    out += fmt::format(R"({{"{}":{{"TableName":)", action);
    json::append_string(out, table);
  }
  Result<void> on_key(std::string_view action, const Key& key, const Expressions& expressions) const {
    open(action);
    out += R"(,"Key":)";
    table::append_key(out, key);
    return close(expressions);
  }
  Result<void> close(const Expressions& expressions) const {
    append_expressions(out, expressions);
    out += "}}";
    return {};
  }
};

// What the service leaves out of its reply it has read and charged for: so it is asked how much that was.
void append_filter(std::string& out, const table::Scan& scan) {
  std::string condition;
  std::string values;
  const auto begins_with = [&](std::string_view key, std::string_view name, const std::string& prefix) {
    if (prefix.empty()) return;
    condition += fmt::format("{}begins_with({}, {})", condition.empty() ? "" : " AND ", key, name);
    values += fmt::format(R"({}"{}":)", values.empty() ? "{" : ",", name);
    table::append_value(values, prefix);
  };
  begins_with("pk", ":p", scan.pk_prefix);
  begins_with("sk", ":s", scan.sk_prefix);
  out += R"(,"FilterExpression":)";
  json::append_string(out, condition);
  out += R"(,"ExpressionAttributeValues":)" + values + "}";
  out += R"(,"ReturnConsumedCapacity":"TOTAL")";
}

std::string_view consistent_read(Consistency consistency) {
  return consistency == Consistency::Strong ? R"("ConsistentRead":true)" : R"("ConsistentRead":false)";
}

void append_page_bounds(std::string& out, std::size_t limit, const std::optional<Key>& after,
                        Consistency consistency) {
  if (limit > 0) out += fmt::format(R"(,"Limit":{})", limit);
  if (after) {
    out += R"(,"ExclusiveStartKey":)";
    table::append_key(out, *after);
  }
  out += ',';
  out += consistent_read(consistency);
}

}  // namespace

std::string get_item_body(std::string_view table, const Key& key, Consistency consistency) {
  std::string out;
  begin(out, table);
  out += R"(,"Key":)";
  table::append_key(out, key);
  out += ',';
  out += consistent_read(consistency);
  out += '}';
  return out;
}

std::string batch_get_body(std::string_view table, const std::vector<Key>& keys, Consistency consistency) {
  std::string out;
  out.reserve(128 + keys.size() * 96);
  out += R"({"RequestItems":{)";
  json::append_string(out, table);
  out += ":{";
  out += consistent_read(consistency);
  out += R"(,"Keys":)";
  char before = '[';
  for (const Key& key : keys) {
    out += before;
    table::append_key(out, key);
    before = ',';
  }
  out += "]}}}";
  return out;
}

std::string batch_put_body(std::string_view table, const std::vector<table::Item>& items) {
  std::string out = R"({"RequestItems":{)";
  json::append_string(out, table);
  out += ':';
  char before = '[';
  for (const table::Item& item : items) {
    out += before;
    out += R"({"PutRequest":{"Item":)";
    table::append_item(out, item);
    out += "}}";
    before = ',';
  }
  out += "]}}";
  return out;
}

Result<std::string> put_item_body(std::string_view table, const table::Put& put, Timestamp now) {
  TRY(auto expressions, render_condition(put.condition, now));
  std::string out;
  begin(out, table, 4096);
  out += R"(,"Item":)";
  table::append_item(out, put.item);
  append_expressions(out, expressions);
  out += R"(,"ReturnValues":"ALL_OLD"})";
  return out;
}

Result<std::string> update_item_body(std::string_view table, const table::UpdateItem& update, Timestamp now) {
  TRY(auto expressions, render_update(update.update, update.condition, now));
  std::string out;
  begin(out, table, 4096);
  out += R"(,"Key":)";
  table::append_key(out, update.key);
  append_expressions(out, expressions);
  out += R"(,"ReturnValues":"ALL_NEW"})";
  return out;
}

Result<std::string> delete_item_body(std::string_view table, const table::Erase& erase, Timestamp now) {
  TRY(auto expressions, render_condition(erase.condition, now));
  std::string out;
  begin(out, table);
  out += R"(,"Key":)";
  table::append_key(out, erase.key);
  append_expressions(out, expressions);
  out += R"(,"ReturnValues":"ALL_OLD"})";
  return out;
}

Result<std::string> transact_body(std::string_view table, const std::vector<table::Operation>& operations,
                                  std::string_view token, Timestamp now) {
  std::string out = R"({"ClientRequestToken":)";
  out.reserve(4096);
  json::append_string(out, token);
  out += R"(,"TransactItems":)";
  char before = '[';
  for (const table::Operation& operation : operations) {
    out += before;
    TRY_OK(std::visit(ActionAppender{out, table, now}, operation));
    before = ',';
  }
  out += "]}";
  return out;
}

std::string query_body(std::string_view table, const table::Query& query, std::size_t limit,
                       const std::optional<Key>& after, Consistency consistency) {
  std::string out;
  begin(out, table, 512);
  std::string condition = "pk = :p";
  std::string values = R"({":p":)";
  table::append_value(values, query.pk);
  const auto bound = [&](std::string_view name, const std::string& text) {
    values += fmt::format(R"(,"{}":)", name);
    table::append_value(values, text);
  };
  const table::SortRange& range = query.range;
  if (range.prefix) {
    condition += " AND begins_with(sk, :a)";
    bound(":a", *range.prefix);
  } else if (range.first && range.last) {
    condition += " AND sk BETWEEN :a AND :b";
    bound(":a", *range.first);
    bound(":b", *range.last);
  } else if (range.first) {
    condition += " AND sk >= :a";
    bound(":a", *range.first);
  } else if (range.last) {
    condition += " AND sk <= :b";
    bound(":b", *range.last);
  }
  out += R"(,"KeyConditionExpression":)";
  json::append_string(out, condition);
  out += R"(,"ExpressionAttributeValues":)" + values + "}";
  if (query.descending) out += R"(,"ScanIndexForward":false)";
  append_page_bounds(out, limit, after, consistency);
  out += '}';
  return out;
}

std::string scan_body(std::string_view table, const table::Scan& scan, std::size_t limit,
                      const std::optional<Key>& after, Consistency consistency) {
  std::string out;
  begin(out, table);
  if (scan.segments > 1)
    out += fmt::format(R"(,"Segment":{},"TotalSegments":{})", scan.segment, scan.segments);
  if (scan.has_prefix()) append_filter(out, scan);
  append_page_bounds(out, limit, after, consistency);
  out += '}';
  return out;
}

}  // namespace loopstate::dynamodb
