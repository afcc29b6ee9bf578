// Updates: what to change in an existing item.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "loopstate/error.hpp"
#include "table/condition.hpp"
#include "table/value.hpp"

namespace loopstate::table {

/// One change. Paths of one update never overlap, and never name the key. A path with steps needs the map or
/// list that contains its last step.
struct Change {
  enum class Kind : std::uint8_t {
    Set,            ///< the value, whatever was there; past a list's end: appended
    Remove,         ///< no effect where there is nothing
    Add,            ///< a whole attribute. A number: added (absent counts as 0); a set: its elements join
    DeleteElements  ///< a whole attribute, a set: its elements leave; a set left empty is removed
  };
  Kind kind = Kind::Set;
  Path path;
  Value value;

  static Change set(Path path, Value value) { return {Kind::Set, std::move(path), std::move(value)}; }
  static Change remove(Path path) { return {Kind::Remove, std::move(path), Value()}; }
  static Change add(Path path, Value value) { return {Kind::Add, std::move(path), std::move(value)}; }
  static Change delete_elements(Path path, Value set) {
    return {Kind::DeleteElements, std::move(path), std::move(set)};
  }

  friend bool operator==(const Change&, const Change&) = default;
};

inline constexpr std::size_t kMaxChanges = 100;

/// 1 to 100 changes. They happen at once: an index refers to the list as it was before the update.
using Update = std::vector<Change>;

/// What can be checked without the item: InvalidArgument if there are no changes or too many, if one names
/// the key, if two overlap, or if Add or DeleteElements has an unusable value or a path with steps.
Result<void> check_update(const Update& update);

/// The item after an update that has passed check_update. InvalidArgument if a change does not fit the
/// item's types or leads nowhere. The caller checks the size of the result.
Result<Item> apply(const Update& update, Item item);

}  // namespace loopstate::table
