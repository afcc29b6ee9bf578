#include "store/upkeep/item_json.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "json/reader.hpp"
#include "table/json/typed_json.hpp"
#include "table/limits.hpp"

namespace loopstate::store {
namespace {

std::unexpected<Error> refused(std::string_view attribute, const json::Problem& problem) {
  const auto where = attribute.empty() ? std::string() : fmt::format("attribute {}, ", attribute);
  return fail(ErrorCode::InvalidArgument,
              fmt::format("{}byte {}: {}", where, problem.offset + 1, problem.message));
}

}  // namespace

std::string item_to_json(const table::Item& item) {
  std::string out;
  out.reserve(table::item_size(item) * 2);
  table::append_item(out, item);
  return out;
}

Result<table::Item> item_from_json(std::string_view text) {
  json::Reader reader(text, json::Limits{.depth = json::kMaxDepth});
  table::Item item;
  std::string_view name;
  if (!reader.begin_object()) return refused("", reader.problem());
  while (reader.next_member(name)) {
    table::Value value;
    if (!table::read_value(reader, value)) return refused(name, reader.problem());
    item.attributes.set(std::string(name), std::move(value));
  }
  if (!reader.finish()) return refused("", reader.problem());
  if (const auto missing = table::take_key(item.attributes, item.key)) {
    return fail(ErrorCode::InvalidArgument, fmt::format("attribute {} is missing or not a string", *missing));
  }
  TRY_OK(table::check_item(item));
  return item;
}

}  // namespace loopstate::store
