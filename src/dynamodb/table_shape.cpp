#include "dynamodb/table_shape.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "json/view.hpp"
#include "json/writer.hpp"
#include "loopstate/json_text.hpp"
#include "table/value.hpp"

namespace loopstate::dynamodb {

namespace {

// The Rust crate's index, which its card look-up reads.
constexpr std::string_view kIndexKey = "fingerprint";
constexpr std::array<std::string_view, 3> kIncluded = {"user_pubkey", "card_last4", "linked_at"};

using Types = std::map<std::string, std::string>;

std::string text_of(const json::View& object, std::string_view name) {
  return json::string_member(object, name).value_or("");
}

std::vector<TableDescription::KeyPart> read_key_schema(const json::View& object, const Types& types) {
  std::vector<TableDescription::KeyPart> out;
  const auto schema = object.find("KeySchema");
  if (!schema) return out;
  for (const json::View& part : schema->elements()) {
    const std::string name = text_of(part, "AttributeName");
    const auto type = types.find(name);
    out.push_back({name, text_of(part, "KeyType"), type == types.end() ? "" : type->second});
  }
  return out;
}

TableDescription::Index read_index(const json::View& object, const Types& types) {
  TableDescription::Index index;
  index.name = text_of(object, "IndexName");
  index.status = text_of(object, "IndexStatus");
  index.key = read_key_schema(object, types);
  if (const auto projection = object.find("Projection")) {
    index.projection = text_of(*projection, "ProjectionType");
    if (const auto names = projection->find("NonKeyAttributes")) {
      for (const json::View& name : names->elements()) index.included.push_back(name.string().value_or(""));
    }
  }
  return index;
}

std::string describe(const std::vector<TableDescription::KeyPart>& key) {
  std::vector<std::string> parts;
  for (const auto& part : key) parts.push_back(fmt::format("{} {} {}", part.name, part.role, part.type));
  return fmt::format("{}", fmt::join(parts, ", "));
}

void compare_keys(std::vector<std::string>& out, std::string_view what,
                  const std::vector<TableDescription::KeyPart>& found,
                  const std::vector<TableDescription::KeyPart>& wanted) {
  const auto same = [](const auto& left, const auto& right) {
    return left.name == right.name && left.role == right.role && left.type == right.type;
  };
  if (std::ranges::equal(found, wanted, same)) return;
  out.push_back(fmt::format("{}'s key is \"{}\", expected \"{}\"", what, describe(found), describe(wanted)));
}

}  // namespace

Result<TableDescription> read_table_description(std::string_view body) {
  const auto json = JsonText::parse(body);
  if (!json) return fail(ErrorCode::ProtocolError, "the table's description is not JSON");
  const json::View root(*json);
  auto table = root.find("Table");
  if (!table) table = root.find("TableDescription");
  if (!table) return fail(ErrorCode::ProtocolError, "the table's description has no member Table");
  Types types;
  if (const auto definitions = table->find("AttributeDefinitions")) {
    for (const json::View& definition : definitions->elements()) {
      types[text_of(definition, "AttributeName")] = text_of(definition, "AttributeType");
    }
  }
  TableDescription out;
  out.status = text_of(*table, "TableStatus");
  out.key = read_key_schema(*table, types);
  out.strong_multi_region = text_of(*table, "MultiRegionConsistency") == "STRONG";
  if (const auto indexes = table->find("GlobalSecondaryIndexes")) {
    for (const json::View& index : indexes->elements()) out.indexes.push_back(read_index(index, types));
  }
  return out;
}

Result<TimeToLive> read_time_to_live(std::string_view body) {
  const auto json = JsonText::parse(body);
  const auto description = json ? json::View(*json).find("TimeToLiveDescription") : std::nullopt;
  if (!description) return fail(ErrorCode::ProtocolError, "the reply about time to live is malformed");
  return TimeToLive{text_of(*description, "TimeToLiveStatus"), text_of(*description, "AttributeName")};
}

std::vector<std::string> differences(const TableDescription& table, std::string_view index_name) {
  std::vector<std::string> out;
  compare_keys(out, "the table", table.key, {{"pk", "HASH", "S"}, {"sk", "RANGE", "S"}});
  const auto index = std::ranges::find(table.indexes, index_name, &TableDescription::Index::name);
  if (index == table.indexes.end()) {
    out.push_back(fmt::format("the index {} does not exist", index_name));
    return out;
  }
  compare_keys(out, fmt::format("the index {}", index_name), index->key,
               {{std::string(kIndexKey), "HASH", "S"}});
  if (index->projection == "ALL") return out;
  for (const std::string_view name : kIncluded) {
    if (std::ranges::find(index->included, name) == index->included.end()) {
      out.push_back(fmt::format("the index {} does not include {}", index_name, name));
    }
  }
  return out;
}

std::optional<std::string> difference(const TimeToLive& time_to_live) {
  const bool on = time_to_live.status == "ENABLED" || time_to_live.status == "ENABLING";
  if (!on) return fmt::format("time to live is {}", time_to_live.status.empty() ? "unknown" : "off");
  if (time_to_live.attribute == table::kTimeToLive) return std::nullopt;
  return fmt::format("time to live is on the attribute {}, expected {}", time_to_live.attribute,
                     table::kTimeToLive);
}

bool is_active(const TableDescription& table, std::string_view index_name) {
  const auto index = std::ranges::find(table.indexes, index_name, &TableDescription::Index::name);
  // A table that is being changed stays usable throughout.
  const bool usable = table.status == "ACTIVE" || table.status == "UPDATING";
  return usable && (index == table.indexes.end() || index->status.empty() || index->status == "ACTIVE");
}

std::string create_table_body(std::string_view table, std::string_view index) {
  const auto attribute = [](json::Writer& json, std::string_view name) {
    json.begin_object().key("AttributeName").string(name).key("AttributeType").string("S").end_object();
  };
  const auto key = [](json::Writer& json, std::string_view name, std::string_view role) {
    json.begin_object().key("AttributeName").string(name).key("KeyType").string(role).end_object();
  };
  json::Writer json;
  json.begin_object().key("TableName").string(table).key("BillingMode").string("PAY_PER_REQUEST");
  json.key("AttributeDefinitions").begin_array();
  for (const std::string_view name : {table::kPartitionKey, table::kSortKey, kIndexKey})
    attribute(json, name);
  json.end_array().key("KeySchema").begin_array();
  key(json, table::kPartitionKey, "HASH");
  key(json, table::kSortKey, "RANGE");
  json.end_array().key("GlobalSecondaryIndexes").begin_array().begin_object();
  json.key("IndexName").string(index).key("KeySchema").begin_array();
  key(json, kIndexKey, "HASH");
  json.end_array().key("Projection").begin_object().key("ProjectionType").string("INCLUDE");
  json.key("NonKeyAttributes").begin_array();
  for (const std::string_view name : kIncluded) json.string(name);
  json.end_array().end_object().end_object().end_array().end_object();
  return std::move(json).take();
}

std::string name_body(std::string_view table) {
  json::Writer json;
  json.begin_object().key("TableName").string(table).end_object();
  return std::move(json).take();
}

std::string enable_time_to_live_body(std::string_view table) {
  json::Writer json;
  json.begin_object().key("TableName").string(table).key("TimeToLiveSpecification").begin_object();
  json.key("Enabled").boolean(true).key("AttributeName").string(table::kTimeToLive).end_object().end_object();
  return std::move(json).take();
}

}  // namespace loopstate::dynamodb
