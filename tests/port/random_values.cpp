#include "port/random_values.hpp"

#include <array>
#include <numeric>

#include "table/number.hpp"

namespace loopstate::table {
namespace {

constexpr std::array<const char*, 7> kNames = {"a", "b", "c", "l", "m", "s", "ttl"};
constexpr std::array<const char*, 3> kMembers = {"x", "y", "z"};

}  // namespace

std::size_t Random::weighted(std::initializer_list<std::size_t> weights) {
  std::size_t at = below(std::accumulate(weights.begin(), weights.end(), std::size_t{0}));
  std::size_t index = 0;
  for (const std::size_t weight : weights) {
    if (at < weight) break;
    at -= weight;
    ++index;
  }
  return index;
}

Key RandomValues::key() {
  static constexpr std::array<const char*, 6> kSortKeys = {"A", "B#1", "B#2", "B#2x", "C", "\xC3\xA9"};
  return {std::string("p") + std::to_string(random_.below(3)), kSortKeys[random_.below(kSortKeys.size())]};
}

std::string RandomValues::text() {
  static constexpr std::array<const char*, 6> kTexts = {"", "a", "ab", "abc", "b", "\xC3\xA9"};
  return kTexts[random_.below(kTexts.size())];
}

Number RandomValues::number() {
  static constexpr std::array<const char*, 12> kNumbers = {
      "0",     "1",      "-1",    "2", "0.1", "-2.5", "10", "1e37", "99999999999999999999999999999999999999",
      "9e125", "-9e125", "1e-130"};
  return *parse_number(kNumbers[random_.below(random_.one_in(4) ? kNumbers.size() : 7)]);
}

Value RandomValues::scalar() {
  switch (random_.below(6)) {
    case 0:
      return Value::boolean(random_.one_in(2));
    case 1:
      return Null{};
    case 2:
      return Binary{text()};
    case 3:
      return number();
    default:
      return text();
  }
}

Value RandomValues::set() {
  StringSet strings;
  NumberSet numbers;
  BinarySet binaries;
  const std::size_t count = 1 + random_.below(3);
  for (std::size_t i = 0; i < count; ++i) {
    strings.values.push_back(text());
    numbers.values.push_back(number());
    binaries.values.push_back({text()});
  }
  switch (random_.weighted({4, 2, 1})) {
    case 0:
      return strings;
    case 1:
      return numbers;
    default:
      return binaries;
  }
}

Value RandomValues::value(int depth) {
  const std::size_t kind =
      random_.weighted({6, 2, depth > 0 ? std::size_t{2} : 0, depth > 0 ? std::size_t{2} : 0});
  if (kind == 0) return scalar();
  if (kind == 1) return set();
  const std::size_t count = random_.below(4);
  if (kind == 2) {
    List list;
    for (std::size_t i = 0; i < count; ++i) list.push_back(value(depth - 1));
    return list;
  }
  Map map;
  for (std::size_t i = 0; i < count; ++i) map.set(kMembers[random_.below(kMembers.size())], value(depth - 1));
  return map;
}

/// Mostly near now, so that the clock overtakes it.
Value RandomValues::ttl() {
  if (random_.one_in(8)) return scalar();
  const auto offset = static_cast<std::int64_t>(random_.below(40)) - 10;
  return Value::time(now_ + std::chrono::seconds(offset));
}

Item RandomValues::item(Key key) {
  Item item{std::move(key), {}};
  const std::size_t count = random_.below(5);
  for (std::size_t i = 0; i < count; ++i)
    item.attributes.set(kNames[random_.below(kNames.size() - 1)], value(2));
  if (random_.one_in(3)) item.attributes.set("ttl", ttl());
  if (random_.one_in(2)) item.attributes.set("l", List{scalar(), scalar(), List{scalar()}});
  if (random_.one_in(2)) item.attributes.set("m", Map{{"x", scalar()}, {"y", Map{{"x", number()}}}});
  if (random_.one_in(2)) item.attributes.set("a", number());
  return item;
}

Path RandomValues::path() {
  Path path(kNames[random_.below(kNames.size() - 1)]);
  if (random_.one_in(2)) path = Path(random_.one_in(2) ? "l" : "m");
  const std::size_t steps = random_.weighted({3, 2, 1});
  for (std::size_t i = 0; i < steps; ++i) {
    const bool index = path.attribute == "l" ? !random_.one_in(5) : random_.one_in(5);
    path = index ? std::move(path).at(static_cast<std::uint32_t>(random_.below(5)))
                 : std::move(path).member(kMembers[random_.below(kMembers.size())]);
  }
  return path;
}

Condition RandomValues::leaf() {
  switch (random_.below(7)) {
    case 0:
      return Condition::item_exists();
    case 1:
      return Condition::item_absent();
    case 2:
      return Condition::exists(path());
    case 3:
      return Condition::absent(path());
    case 4:
      return Condition::begins_with(random_.one_in(3) ? Path("sk") : path(), text());
    case 5:
      return Condition::contains(path(), scalar());
    default:
      break;
  }
  const auto how = static_cast<Comparison>(random_.below(6));
  if (how == Comparison::Equal || how == Comparison::NotEqual)
    return Condition::compare(path(), how, value(1));
  return Condition::compare(path(), how, random_.one_in(2) ? Value(number()) : Value(text()));
}

Condition RandomValues::condition() {
  switch (random_.weighted({8, 4, 1, 1, 1})) {
    case 0:
      return {};
    case 1:
      return leaf();
    case 2:
      return Condition::all_of({leaf(), leaf()});
    case 3:
      return Condition::any_of({leaf(), Condition::all_of({leaf(), leaf()})});
    default:
      return Condition::negate(leaf());
  }
}

Change RandomValues::change() {
  const std::string name = kNames[random_.below(kNames.size() - 1)];
  switch (random_.weighted({6, 3, 3, 2})) {
    case 0:
      return random_.one_in(8) ? Change::set("ttl", ttl()) : Change::set(path(), value(1));
    case 1:
      return Change::remove(path());
    case 2:
      return random_.one_in(3) ? Change::add("s", set())
                               : Change::add(random_.one_in(2) ? "a" : name, number());
    default:
      return Change::delete_elements("s", set());
  }
}

/// Paths may overlap, which is refused: rarely, since most updates have one change.
Update RandomValues::update() {
  Update update;
  const std::size_t count = 1 + random_.weighted({6, 2, 1});
  for (std::size_t i = 0; i < count; ++i) update.push_back(change());
  return update;
}

}  // namespace loopstate::table
