#include <algorithm>

#include "table/limits.hpp"

namespace loopstate::table {
namespace {

constexpr std::size_t kContainerBytes = 3;  // for a list or map, before its elements
constexpr std::size_t kElementBytes = 1;    // for each element, in addition to its contents

/// Half of it, rounded down.
int floor_half(int value) {
  return (value - (value < 0 ? 1 : 0)) / 2;
}

/// A byte for the exponent, one for each pair of digits counted from the point, from the first nonzero pair
/// to the last, and one for a minus sign. The service's guide says
/// "about a byte for two significant digits, and one more"; where the pairs lie was observed on a server.
std::size_t number_size(const Number& number) {
  const std::string_view text = number.text;
  const auto first = text.find_first_of("123456789");
  if (first == std::string_view::npos) return 1;
  const auto last = text.find_last_of("123456789");
  const auto point = std::min(text.find('.'), text.size());
  const auto power_of_ten = [point](std::size_t at) {
    return static_cast<int>(point) - static_cast<int>(at) - (at < point ? 1 : 0);
  };
  const int pairs = floor_half(power_of_ten(first)) - floor_half(power_of_ten(last)) + 1;
  return 1 + static_cast<std::size_t>(pairs) + (text.starts_with('-') ? 1 : 0);
}

struct SizeOf {
  std::size_t operator()(const std::string& text) const { return text.size(); }
  std::size_t operator()(const Number& number) const { return number_size(number); }
  std::size_t operator()(const Binary& binary) const { return binary.bytes.size(); }
  std::size_t operator()(bool) const { return 1; }
  std::size_t operator()(Null) const { return 1; }
  std::size_t operator()(const StringSet& set) const { return elements(set); }
  std::size_t operator()(const NumberSet& set) const { return elements(set); }
  std::size_t operator()(const BinarySet& set) const { return elements(set); }
  std::size_t operator()(const List& list) const {
    std::size_t size = kContainerBytes;
    for (const Value& value : list) size += kElementBytes + value_size(value);
    return size;
  }
  std::size_t operator()(const Map& map) const {
    std::size_t size = kContainerBytes;
    for (const auto& [name, value] : map) size += kElementBytes + name.size() + value_size(value);
    return size;
  }

  std::size_t elements(const auto& set) const {
    std::size_t size = 0;
    for (const auto& element : set.values) size += (*this)(element);
    return size;
  }
};

}  // namespace

std::size_t value_size(const Value& value) {
  return std::visit(SizeOf(), value.data());
}

std::size_t item_size(const Item& item) {
  std::size_t size = kPartitionKey.size() + item.key.pk.size() + kSortKey.size() + item.key.sk.size();
  for (const auto& [name, value] : item.attributes) size += name.size() + value_size(value);
  return size;
}

}  // namespace loopstate::table
