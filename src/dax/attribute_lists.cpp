#include "dax/attribute_lists.hpp"

#include <algorithm>
#include <compare>
#include <string_view>

namespace loopstate::dax {
namespace {

std::string_view name_of(std::string_view name) {
  return name;
}

std::string_view name_of(const table::Attributes::Entry& entry) {
  return entry.first;
}

template <typename Left, typename Right>
bool before(const Left& left, const Right& right) {
  const auto compare = [](const auto& l, const auto& r) { return name_of(l) <=> name_of(r); };
  return std::lexicographical_compare_three_way(left.begin(), left.end(), right.begin(), right.end(),
                                                compare) < 0;
}

std::shared_ptr<const AttributeNames> no_names() {
  static const auto kNone = std::make_shared<const AttributeNames>();
  return kNone;
}

}  // namespace

AttributeNames names_of(const table::Attributes& attributes) {
  AttributeNames names;
  names.reserve(attributes.size());
  for (const auto& [name, value] : attributes) names.push_back(name);
  return names;
}

bool AttributeLists::ByNames::operator()(const NamesPtr& left, const NamesPtr& right) const {
  return before(*left, *right);
}

bool AttributeLists::ByNames::operator()(const NamesPtr& left, const table::Attributes& right) const {
  return before(*left, right);
}

bool AttributeLists::ByNames::operator()(const table::Attributes& left, const NamesPtr& right) const {
  return before(left, *right);
}

std::optional<ListId> AttributeLists::id_of(const table::Attributes& attributes) {
  if (attributes.empty()) return kEmptyList;
  const std::lock_guard lock(mutex_);
  if (const auto at = young_.ids.find(attributes); at != young_.ids.end()) return at->second;
  const auto at = old_.ids.find(attributes);
  if (at == old_.ids.end()) return std::nullopt;
  const auto [names, id] = *at;
  keep(id, names);
  return id;
}

std::shared_ptr<const AttributeNames> AttributeLists::names_of(ListId id) {
  if (id == kEmptyList) return no_names();
  const std::lock_guard lock(mutex_);
  if (const auto at = young_.names.find(id); at != young_.names.end()) return at->second;
  const auto at = old_.names.find(id);
  if (at == old_.names.end()) return nullptr;
  NamesPtr names = at->second;
  keep(id, names);
  return names;
}

void AttributeLists::learn(ListId id, AttributeNames names) {
  if (id == kEmptyList) return;
  const std::lock_guard lock(mutex_);
  keep(id, std::make_shared<const AttributeNames>(std::move(names)));
}

void AttributeLists::forget() {
  const std::lock_guard lock(mutex_);
  young_ = Generation();
  old_ = Generation();
}

void AttributeLists::keep(ListId id, NamesPtr names) {
  if (young_.size() >= kept_) {
    old_ = std::move(young_);
    young_ = Generation();
  }
  if (std::ranges::is_sorted(*names)) young_.ids.insert_or_assign(names, id);
  young_.names.insert_or_assign(id, std::move(names));
}

std::shared_ptr<const AttributeNames> ReplyNames::find(ListId id) {
  if (last_ != nullptr && last_id_ == id) return last_;
  auto names = lists_.names_of(id);
  if (names == nullptr) {
    if (std::ranges::find(missing_, id) == missing_.end()) missing_.push_back(id);
    return nullptr;
  }
  last_id_ = id;
  last_ = names;
  return names;
}

}  // namespace loopstate::dax
