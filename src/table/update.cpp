#include "table/update.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/try.hpp"
#include "table/number.hpp"

namespace loopstate::table {
namespace {

std::unexpected<Error> misfit(const Path& path, std::string_view what) {
  return fail(ErrorCode::InvalidArgument, fmt::format("an update of \"{}\" {}", to_string(path), what));
}

/// The value that the first `steps` steps of the path lead to; nullptr if nothing.
Value* walk(Item& item, const Path& path, std::size_t steps) {
  Value* value = item.attributes.find(path.attribute);
  for (std::size_t i = 0; i < steps && value != nullptr; ++i) {
    if (const auto* name = std::get_if<std::string>(&path.steps[i])) {
      value = value->map() != nullptr ? value->map()->find(*name) : nullptr;
    } else {
      const auto index = std::get<std::uint32_t>(path.steps[i]);
      List* list = value->list();
      value = list != nullptr && index < list->size() ? &(*list)[index] : nullptr;
    }
  }
  return value;
}

/// Changes to the lengths of lists, which wait until everything else is done: indices refer to the old list.
struct ListChange {
  std::vector<std::uint32_t> removed;
  std::map<std::uint32_t, Value> appended;
};
struct PendingList {
  Path path;
  ListChange change;
};
using PendingLists = std::vector<PendingList>;

ListChange& pending(PendingLists& lists, const Path& path) {
  Path parent = path;
  parent.steps.pop_back();
  const auto found =
      std::find_if(lists.begin(), lists.end(), [&](const PendingList& list) { return list.path == parent; });
  if (found != lists.end()) return found->change;
  lists.push_back({std::move(parent), {}});
  return lists.back().change;
}

Result<void> set_value(Item& item, const Change& change, PendingLists& lists) {
  const Path& path = change.path;
  if (path.steps.empty()) {
    item.attributes.set(path.attribute, change.value);
    return {};
  }
  Value* parent = walk(item, path, path.steps.size() - 1);
  if (const auto* name = std::get_if<std::string>(&path.steps.back())) {
    if (parent == nullptr || parent->map() == nullptr) return misfit(path, "finds no map to put it in");
    parent->map()->set(*name, change.value);
    return {};
  }
  if (parent == nullptr || parent->list() == nullptr) return misfit(path, "finds no list to put it in");
  const auto index = std::get<std::uint32_t>(path.steps.back());
  if (index < parent->list()->size()) {
    (*parent->list())[index] = change.value;
  } else {
    pending(lists, path).appended.emplace(index, change.value);
  }
  return {};
}

Result<void> remove_value(Item& item, const Change& change, PendingLists& lists) {
  const Path& path = change.path;
  if (path.steps.empty()) {
    item.attributes.remove(path.attribute);
    return {};
  }
  Value* parent = walk(item, path, path.steps.size() - 1);
  if (const auto* name = std::get_if<std::string>(&path.steps.back())) {
    if (parent == nullptr || parent->map() == nullptr) return misfit(path, "finds no map to remove it from");
    parent->map()->remove(*name);
    return {};
  }
  if (parent == nullptr || parent->list() == nullptr) return misfit(path, "finds no list to remove it from");
  const auto index = std::get<std::uint32_t>(path.steps.back());
  if (index < parent->list()->size()) pending(lists, path).removed.push_back(index);
  return {};
}

/// The two sets as one value, or nothing if they are not sets of one type.
template <typename Set>
std::optional<Value> joined(const Value& left, const Value& right) {
  const auto* l = std::get_if<Set>(&left.data());
  const auto* r = std::get_if<Set>(&right.data());
  if (l == nullptr || r == nullptr) return std::nullopt;
  Set set = *l;
  set.values.insert(set.values.end(), r->values.begin(), r->values.end());
  return Value(std::move(set));
}

/// `left` without the elements of `right`; an empty set if nothing is left.
template <typename Set>
std::optional<Set> without(const Value& left, const Value& right) {
  const auto* l = std::get_if<Set>(&left.data());
  const auto* r = std::get_if<Set>(&right.data());
  if (l == nullptr || r == nullptr) return std::nullopt;
  Set set = *l;
  std::erase_if(set.values, [r](const auto& element) {
    return std::find(r->values.begin(), r->values.end(), element) != r->values.end();
  });
  return set;
}

Result<void> add_value(Item& item, const Change& change) {
  const Path& path = change.path;
  Value* found = item.attributes.find(path.attribute);
  if (found == nullptr) {
    item.attributes.set(path.attribute, change.value);
    return {};
  }
  if (found->number() != nullptr && change.value.number() != nullptr) {
    auto sum = add(*found->number(), *change.value.number());
    if (!sum) return misfit(path, "has a sum out of range: " + sum.error().message);
    *found = std::move(*sum);
    return {};
  }
  for (const auto& join : {joined<StringSet>, joined<NumberSet>, joined<BinarySet>}) {
    if (auto set = join(*found, change.value)) {
      *found = std::move(*set);
      return {};
    }
  }
  return misfit(path, "adds to a value of another type");
}

template <typename Set>
bool delete_from(Item& item, const std::string& attribute, Value& found, const Value& elements) {
  auto rest = without<Set>(found, elements);
  if (!rest) return false;
  if (rest->values.empty()) {
    item.attributes.remove(attribute);
  } else {
    found = Value(std::move(*rest));
  }
  return true;
}

Result<void> delete_elements(Item& item, const Change& change) {
  const std::string& attribute = change.path.attribute;
  Value* found = item.attributes.find(attribute);
  if (found == nullptr || delete_from<StringSet>(item, attribute, *found, change.value) ||
      delete_from<NumberSet>(item, attribute, *found, change.value) ||
      delete_from<BinarySet>(item, attribute, *found, change.value)) {
    return {};
  }
  return misfit(change.path, "deletes elements of a value that is not a set of that type");
}

/// Deepest lists first, so that no index on the way to another list has shifted yet.
void change_lengths(Item& item, PendingLists lists) {
  std::stable_sort(lists.begin(), lists.end(), [](const PendingList& left, const PendingList& right) {
    return left.path.steps.size() > right.path.steps.size();
  });
  for (auto& [path, change] : lists) {
    List& list = *walk(item, path, path.steps.size())->list();
    std::sort(change.removed.begin(), change.removed.end(), std::greater<>());
    for (const auto index : change.removed) list.erase(list.begin() + index);
    for (auto& [index, value] : change.appended) list.push_back(std::move(value));
  }
}

/// One is the other, or lies inside it; or they treat one place as a map and as a list.
bool overlap(const Path& left, const Path& right) {
  if (left.attribute != right.attribute) return false;
  const auto common = std::min(left.steps.size(), right.steps.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (left.steps[i].index() != right.steps[i].index()) return true;
    if (left.steps[i] != right.steps[i]) return false;
  }
  return true;
}

bool is_set(const Value& value) {
  return std::holds_alternative<StringSet>(value.data()) || std::holds_alternative<NumberSet>(value.data()) ||
         std::holds_alternative<BinarySet>(value.data());
}

Result<void> check_change(const Change& change) {
  const Path& path = change.path;
  if (path.attribute == kPartitionKey || path.attribute == kSortKey) {
    return misfit(path, "would change the item's key");
  }
  if (change.kind == Change::Kind::Add && change.value.number() == nullptr && !is_set(change.value)) {
    return misfit(path, "adds something that is neither a number nor a set");
  }
  if (change.kind == Change::Kind::DeleteElements && !is_set(change.value)) {
    return misfit(path, "deletes elements, but names no set of them");
  }
  const bool whole_attributes_only =
      change.kind == Change::Kind::Add || change.kind == Change::Kind::DeleteElements;
  if (whole_attributes_only && !path.steps.empty()) {
    return misfit(path, "adds or deletes inside an attribute; that works on whole attributes only");
  }
  return {};
}

}  // namespace

Result<void> check_update(const Update& update) {
  if (update.empty() || update.size() > kMaxChanges) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("an update has {} changes; it takes 1 to {}", update.size(), kMaxChanges));
  }
  for (auto change = update.begin(); change != update.end(); ++change) {
    TRY_OK(check_change(*change));
    for (auto other = update.begin(); other != change; ++other) {
      if (overlap(change->path, other->path)) {
        return misfit(change->path, fmt::format("overlaps the one of \"{}\"", to_string(other->path)));
      }
    }
  }
  return {};
}

Result<Item> apply(const Update& update, Item item) {
  PendingLists lists;
  for (const Change& change : update) {
    Result<void> done;
    switch (change.kind) {
      case Change::Kind::Set:
        done = set_value(item, change, lists);
        break;
      case Change::Kind::Remove:
        done = remove_value(item, change, lists);
        break;
      case Change::Kind::Add:
        done = add_value(item, change);
        break;
      case Change::Kind::DeleteElements:
        done = delete_elements(item, change);
        break;
    }
    if (!done) return std::unexpected(done.error());
  }
  change_lengths(item, std::move(lists));
  return item;
}

}  // namespace loopstate::table
