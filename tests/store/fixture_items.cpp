#include "store/fixture_items.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "json/view.hpp"

namespace loopstate::testing {
namespace {

table::Item to_item(const json::View& object) {
  table::Item item;
  for (const auto& [name, typed] : object.members()) {
    const auto member = typed.members().at(0);
    const auto text = member.second.string().value();
    if (name == table::kPartitionKey) {
      item.key.pk = text;
    } else if (name == table::kSortKey) {
      item.key.sk = text;
    } else if (member.first == "N") {
      item.attributes.set(name, table::Number{text});
    } else {
      item.attributes.set(name, text);
    }
  }
  return item;
}

}  // namespace

std::vector<table::Item> rust_items() {
  std::ifstream file(LOOPSTATE_FIXTURES "/rust-sdk-items.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto document = JsonText::parse(text).value();
  std::vector<table::Item> items;
  for (const auto& element : json::View(document).elements()) items.push_back(to_item(element));
  return items;
}

table::Item rust_item(std::string_view sort_prefix) {
  for (auto& item : rust_items()) {
    if (item.key.sk.starts_with(sort_prefix)) return item;
  }
  throw std::runtime_error("no such fixture");
}

std::string rust_text(std::string_view sort_prefix, std::string_view attribute) {
  return *rust_item(sort_prefix).string(attribute);
}

}  // namespace loopstate::testing
