#include "dax/item.hpp"

#include <fmt/format.h>

#include <vector>

#include "dax/value.hpp"

namespace loopstate::dax {
namespace {

std::unexpected<Error> unreadable(std::string_view why) {
  return fail(ErrorCode::ProtocolError, fmt::format("an item cannot be read: {}", why));
}

bool is_attribute_name(std::string_view name) {
  return !name.empty() && name != table::kPartitionKey && name != table::kSortKey;
}

}  // namespace

void append_attributes(std::string& out, ListId list, const table::Attributes& attributes) {
  const std::size_t begin = out.size();
  cbor::append_head(out, cbor::Major::Unsigned, static_cast<std::uint64_t>(list));
  for (const auto& [name, value] : attributes) append_value(out, value);
  cbor::wrap_bytes(out, begin);
}

Result<table::Attributes> parse_attributes(std::string_view bytes, ReplyNames& names) {
  cbor::Reader reader(bytes);
  std::uint64_t id = 0;
  if (!reader.read_unsigned(id)) return unreadable(reader.problem());
  const auto list = names.find(ListId{id});
  table::Attributes attributes;
  if (list == nullptr) return attributes;
  std::vector<table::Attributes::Entry> entries;
  entries.reserve(list->size());
  for (const std::string& name : *list) {
    if (!is_attribute_name(name)) return unreadable("its names include one that no attribute of ours has");
    if (!read_value(reader, entries.emplace_back(name, table::Value()).second, names.values_left())) {
      return unreadable(fmt::format("attribute \"{}\": {}", name, reader.problem()));
    }
  }
  if (!reader.finish()) return unreadable(reader.problem());
  if (!collect_sorted(entries, attributes)) return unreadable("its names include one twice");
  return attributes;
}

}  // namespace loopstate::dax
