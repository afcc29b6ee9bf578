#include "table/limits.hpp"
#include "table/number.hpp"

namespace loopstate::table {
namespace {

constexpr std::size_t kContainerBytes = 3;  // of a list or map, before its elements
constexpr std::size_t kElementBytes = 1;    // of each element, beside its contents

/// About a byte for every two digits, one for the exponent, one for a minus sign.
std::size_t number_size(const Number& number) {
  return 1 + (significant_digits(number) + 1) / 2 + (number.text.starts_with('-') ? 1 : 0);
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
