#include <fmt/format.h>

#include <charconv>

#include "dynamodb/requests.hpp"
#include "json/reader.hpp"
#include "table/json/typed_json.hpp"

namespace loopstate::dynamodb {

namespace {

using table::Item;
using table::Key;

std::unexpected<Error> not_understood(const json::Reader& reader) {
  return fail(ErrorCode::ProtocolError,
              fmt::format("the reply cannot be read: {} at byte {}", reader.problem().message,
                          reader.problem().offset),
              false);
}

/// Reads an object; `member` is called for each of its members, and skips the ones it does not want.
template <typename Member>
bool read_object(json::Reader& reader, Member member) {
  if (!reader.begin_object()) return false;
  std::string_view name;
  while (reader.next_member(name)) {
    if (!member(name)) return false;
  }
  return reader.ok();
}

template <typename Element>
bool read_array(json::Reader& reader, Element element) {
  if (!reader.begin_array()) return false;
  while (reader.next_element()) {
    if (!element()) return false;
  }
  return reader.ok();
}

bool skip(json::Reader& reader) {
  reader.skip();
  return reader.ok();
}

bool read_decimal(json::Reader& reader, double& value) {
  std::string_view text;
  if (!reader.read_number(text)) return false;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return true;
}

Result<std::optional<Item>> read_one(std::string_view body, std::string_view member) {
  json::Reader reader(body, kReplyLimits);
  std::optional<Item> item;
  read_object(reader, [&](std::string_view name) {
    return name == member ? table::read_item(reader, item.emplace()) : skip(reader);
  });
  if (!reader.finish()) return not_understood(reader);
  return item;
}

}  // namespace

Result<std::optional<Item>> read_get_item(std::string_view body) {
  return read_one(body, "Item");
}

Result<std::optional<Item>> read_attributes_reply(std::string_view body) {
  return read_one(body, "Attributes");
}

Result<BatchGetReply> read_batch_get(std::string_view body) {
  BatchGetReply out;
  json::Reader reader(body, kReplyLimits);
  const auto items = [&](std::string_view) {
    return read_array(reader, [&] { return table::read_item(reader, out.items.emplace_back()); });
  };
  const auto keys = [&](std::string_view) {
    return read_object(reader, [&](std::string_view name) {
      if (name != "Keys") return skip(reader);
      return read_array(reader, [&] { return table::read_key(reader, out.unprocessed.emplace_back()); });
    });
  };
  read_object(reader, [&](std::string_view name) {
    if (name == "Responses") return read_object(reader, items);
    if (name == "UnprocessedKeys" && reader.peek() == json::Kind::Object) return read_object(reader, keys);
    return skip(reader);
  });
  if (!reader.finish()) return not_understood(reader);
  return out;
}

Result<std::vector<Item>> read_unprocessed_puts(std::string_view body) {
  std::vector<Item> out;
  json::Reader reader(body, kReplyLimits);
  const auto put = [&](std::string_view name) {
    return name == "Item" ? table::read_item(reader, out.emplace_back()) : skip(reader);
  };
  const auto request = [&] {
    return read_object(reader, [&](std::string_view name) {
      return name == "PutRequest" ? read_object(reader, put) : skip(reader);
    });
  };
  read_object(reader, [&](std::string_view name) {
    if (name != "UnprocessedItems" || reader.peek() != json::Kind::Object) return skip(reader);
    return read_object(reader, [&](std::string_view) { return read_array(reader, request); });
  });
  if (!reader.finish()) return not_understood(reader);
  return out;
}

Result<PageReply> read_page(std::string_view body) {
  PageReply out;
  json::Reader reader(body, kReplyLimits);
  const auto capacity = [&](std::string_view name) {
    return name == "CapacityUnits" ? read_decimal(reader, out.read_units) : skip(reader);
  };
  read_object(reader, [&](std::string_view name) {
    if (name == "Items")
      return read_array(reader, [&] { return table::read_item(reader, out.items.emplace_back()); });
    if (name == "LastEvaluatedKey" && reader.peek() == json::Kind::Object) {
      return table::read_key(reader, out.last.emplace());
    }
    if (name == "ScannedCount") return reader.read_unsigned(out.examined);
    if (name == "ConsumedCapacity" && reader.peek() == json::Kind::Object)
      return read_object(reader, capacity);
    return skip(reader);
  });
  if (!reader.finish()) return not_understood(reader);
  return out;
}

}  // namespace loopstate::dynamodb
