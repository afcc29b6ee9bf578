// Attribute values and items: DynamoDB's data model, which every engine stores as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "loopstate/clock.hpp"

namespace loopstate::table {

class Value;

/// A number as its canonical text (see number.hpp): at most 38 significant digits.
struct Number {
  std::string text = "0";
  friend bool operator==(const Number&, const Number&) = default;
};

struct Null {
  friend bool operator==(const Null&, const Null&) = default;
};

struct Binary {
  std::string bytes;
  friend bool operator==(const Binary&, const Binary&) = default;
};

/// Sets are kept sorted and without duplicates; a set is never empty.
struct StringSet {
  std::vector<std::string> values;
  friend bool operator==(const StringSet&, const StringSet&) = default;
};

struct NumberSet {
  std::vector<Number> values;
  friend bool operator==(const NumberSet&, const NumberSet&) = default;
};

struct BinarySet {
  std::vector<Binary> values;
  friend bool operator==(const BinarySet&, const BinarySet&) = default;
};

using List = std::vector<Value>;

/// Attributes by name, sorted by name, each name once.
class Attributes {
 public:
  using Entry = std::pair<std::string, Value>;

  Attributes() = default;
  Attributes(std::initializer_list<Entry> entries);

  const Value* find(std::string_view name) const noexcept;
  Value* find(std::string_view name) noexcept;
  bool contains(std::string_view name) const noexcept { return find(name) != nullptr; }
  void set(std::string name, Value value);
  bool remove(std::string_view name);
  /// For decoders: appends at the end; the caller appends in ascending order.
  void append_sorted(std::string name, Value value);
  /// The same, constructed in place: `T` is the type of the value.
  template <typename T, typename... Args>
  T& emplace_sorted(std::string_view name, Args&&... args);
  void reserve(std::size_t count);

  std::size_t size() const noexcept;
  bool empty() const noexcept;
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }

  friend bool operator==(const Attributes&, const Attributes&);

 private:
  std::vector<Entry> entries_;
};

using Map = Attributes;

/// One attribute value, of any of the ten types.
class Value {
 public:
  using Variant =
      std::variant<std::string, Number, Binary, bool, Null, StringSet, NumberSet, BinarySet, List, Map>;

  Value() : data_(Null{}) {}
  /// Constructed in place, which is several times as fast as constructing and moving: for decoders.
  template <typename T, typename... Args>
  explicit Value(std::in_place_type_t<T> type, Args&&... args) : data_(type, std::forward<Args>(args)...) {}
  Value(std::string text) : data_(std::move(text)) {}         // NOLINT: reads as a literal
  Value(const char* text) : data_(std::string(text)) {}       // NOLINT
  Value(std::string_view text) : data_(std::string(text)) {}  // NOLINT
  Value(Number number) : data_(std::move(number)) {}          // NOLINT
  Value(Binary binary) : data_(std::move(binary)) {}          // NOLINT
  Value(Null null) : data_(null) {}                           // NOLINT
  Value(StringSet set);                                       // NOLINT: sorts it and drops duplicates
  Value(NumberSet set);                                       // NOLINT: sorts it and drops duplicates
  Value(BinarySet set);                                       // NOLINT: sorts it and drops duplicates
  Value(List list) : data_(std::move(list)) {}                // NOLINT
  Value(Map map) : data_(std::move(map)) {}                   // NOLINT

  /// Named functions, so that no pointer or integer becomes a boolean or a number by accident.
  static Value boolean(bool value);
  static Value number(std::int64_t value);
  static Value number(std::uint64_t value);
  /// A point in time as items hold it: a number of seconds since 1970-01-01 UTC.
  static Value time(Timestamp at);

  const std::string* string() const noexcept { return std::get_if<std::string>(&data_); }
  const Number* number() const noexcept { return std::get_if<Number>(&data_); }
  const bool* boolean() const noexcept { return std::get_if<bool>(&data_); }
  const StringSet* string_set() const noexcept { return std::get_if<StringSet>(&data_); }
  const List* list() const noexcept { return std::get_if<List>(&data_); }
  List* list() noexcept { return std::get_if<List>(&data_); }
  const Map* map() const noexcept { return std::get_if<Map>(&data_); }
  Map* map() noexcept { return std::get_if<Map>(&data_); }

  /// The number if it is an integer within the type's range, else nothing.
  std::optional<std::int64_t> as_int64() const noexcept;
  std::optional<std::uint64_t> as_uint64() const noexcept;

  const Variant& data() const noexcept { return data_; }
  Variant& data() noexcept { return data_; }

  friend bool operator==(const Value&, const Value&) = default;

 private:
  Variant data_;
};

// Here, where Value is complete: some compilers need its size at once.
inline std::size_t Attributes::size() const noexcept {
  return entries_.size();
}
inline bool Attributes::empty() const noexcept {
  return entries_.empty();
}
inline void Attributes::reserve(std::size_t count) {
  entries_.reserve(count);
}

template <typename T, typename... Args>
T& Attributes::emplace_sorted(std::string_view name, Args&&... args) {
  Entry& entry =
      entries_.emplace_back(std::piecewise_construct, std::forward_as_tuple(name),
                            std::forward_as_tuple(std::in_place_type<T>, std::forward<Args>(args)...));
  return *std::get_if<T>(&entry.second.data());
}

/// The table's key attributes, and the one that says when an item ceases to exist.
inline constexpr std::string_view kPartitionKey = "pk";
inline constexpr std::string_view kSortKey = "sk";
inline constexpr std::string_view kTimeToLive = "ttl";

/// A primary key: both parts are strings, pk 1 to 2,048 bytes and sk 1 to 1,024 (the embedded engine:
/// together at most 510), without NUL bytes.
struct Key {
  std::string pk;
  std::string sk;
  friend auto operator<=>(const Key&, const Key&) = default;
};

/// An item: its key, and its other attributes (never "pk" or "sk").
struct Item {
  Key key;
  Attributes attributes;

  const Value* find(std::string_view name) const noexcept { return attributes.find(name); }
  /// The string attribute, or nullptr if it is absent or of another type.
  const std::string* string(std::string_view name) const noexcept;
  std::optional<std::int64_t> int64(std::string_view name) const noexcept;
  std::optional<Timestamp> time(std::string_view name) const noexcept;
  std::optional<std::uint64_t> uint64(std::string_view name) const noexcept;

  friend bool operator==(const Item&, const Item&) = default;
};

}  // namespace loopstate::table
