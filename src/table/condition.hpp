// Conditions: small syntax trees over one item. The embedded engine evaluates them, the DynamoDB engine
// renders them.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "table/value.hpp"

namespace loopstate::table {

/// An attribute, or a place inside one: `Path("write_ids").at(0)`, `Path("m").member("k")`.
struct Path {
  std::string attribute;
  std::vector<std::variant<std::string, std::uint32_t>> steps;

  Path(std::string name) : attribute(std::move(name)) {}  // NOLINT: a bare name is a path
  Path(const char* name) : attribute(name) {}             // NOLINT
  Path(std::string_view name) : attribute(name) {}        // NOLINT
  Path at(std::uint32_t index) &&;
  Path member(std::string name) &&;

  friend bool operator==(const Path&, const Path&) = default;
};

/// As a person writes it: "write_ids[0]", "m.k".
std::string to_string(const Path& path);

enum class Comparison : std::uint8_t { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };

/// True or false for an item, or for no item. Two values compare only if they are of one type: otherwise
/// NotEqual holds and every other comparison fails. If the path leads nowhere, every comparison but
/// NotEqual is false. Strings and binaries order by bytes, numbers by value.
class Condition {
 public:
  enum class Kind : std::uint8_t { Always, Exists, Absent, Compare, BeginsWith, Contains, And, Or, Not };

  /// Holds for any item, and for none.
  Condition() = default;

  static Condition exists(Path path);
  static Condition absent(Path path);
  static Condition compare(Path path, Comparison how, Value value);
  static Condition equals(Path path, Value value) {
    return compare(std::move(path), Comparison::Equal, std::move(value));
  }
  /// For a string: the prefix.
  static Condition begins_with(Path path, std::string prefix);
  /// A string that contains the string, or a set or list that has the element.
  static Condition contains(Path path, Value value);
  static Condition all_of(std::vector<Condition> conditions);
  static Condition any_of(std::vector<Condition> conditions);
  static Condition negate(Condition condition);
  /// Never holds. Also what any_of gives for no conditions; `Always` is only ever the root of a tree.
  static Condition never();

  /// The item exists (and is live): every stored item has its partition key.
  static Condition item_exists() { return exists(std::string(kPartitionKey)); }
  /// No item exists, or it has expired.
  static Condition item_absent() { return absent(std::string(kPartitionKey)); }

  Kind kind() const noexcept { return kind_; }
  const Path& path() const noexcept { return path_; }
  Comparison comparison() const noexcept { return comparison_; }
  const Value& value() const noexcept { return value_; }
  const std::vector<Condition>& children() const noexcept { return children_; }

  friend bool operator==(const Condition&, const Condition&) = default;

 private:
  Kind kind_ = Kind::Always;
  Comparison comparison_ = Comparison::Equal;
  Path path_ = Path("");
  Value value_;
  std::vector<Condition> children_;
};

/// Whether the condition holds for `item`; nullptr means no item. The caller has hidden expired items.
bool holds(const Condition& condition, const Item* item);

}  // namespace loopstate::table
