// Updates: what to change in an item that is there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loopstate/error.hpp"
#include "table/condition.hpp"
#include "table/value.hpp"

namespace loopstate::table {

/// One change. Paths of one update never overlap, and never name the key.
struct Change {
  enum class Kind : std::uint8_t {
    Set,            ///< the value, whatever was there; a step into a map or list that is not there is refused
    Remove,         ///< nothing happens where nothing is
    Add,            ///< a number: added (absent counts as 0); a set: its elements join
    DeleteElements  ///< a set: its elements leave; a set that would be empty is removed
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
};

/// At most 100 changes.
using Update = std::vector<Change>;

/// The item after the update. InvalidArgument when a change does not fit the item's types or leads nowhere.
Result<Item> apply(const Update& update, Item item);

}  // namespace loopstate::table
