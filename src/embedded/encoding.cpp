#include "embedded/encoding.hpp"

#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <type_traits>

#include "embedded/item_key.hpp"

namespace loopstate::embedded {
namespace {

using table::Attributes;
using table::Value;

/// So that a forged count cannot make a large reservation.
constexpr std::size_t kReserveMax = 1024;

enum class Tag : std::uint8_t {
  String = 1,
  Number = 2,
  Binary = 3,
  True = 4,
  False = 5,
  Null = 6,
  StringSet = 7,
  NumberSet = 8,
  BinarySet = 9,
  List = 10,
  Map = 11
};

// ---- Writing

void put_length(std::string& out, std::size_t length) {
  while (length >= 0x80) {
    out.push_back(static_cast<char>(length | 0x80));
    length >>= 7;
  }
  out.push_back(static_cast<char>(length));
}

void put_text(std::string& out, std::string_view text) {
  put_length(out, text.size());
  out.append(text);
}

void put_tag(std::string& out, Tag tag) {
  out.push_back(static_cast<char>(tag));
}

void put_attributes(std::string& out, const Attributes& attributes);

void put_value(std::string& out, const Value& value) {
  std::visit(
      [&out]<typename T>(const T& data) {
        if constexpr (std::is_same_v<T, std::string>) {
          put_tag(out, Tag::String);
          put_text(out, data);
        } else if constexpr (std::is_same_v<T, table::Number>) {
          put_tag(out, Tag::Number);
          put_text(out, data.text);
        } else if constexpr (std::is_same_v<T, table::Binary>) {
          put_tag(out, Tag::Binary);
          put_text(out, data.bytes);
        } else if constexpr (std::is_same_v<T, bool>) {
          put_tag(out, data ? Tag::True : Tag::False);
        } else if constexpr (std::is_same_v<T, table::Null>) {
          put_tag(out, Tag::Null);
        } else if constexpr (std::is_same_v<T, table::StringSet>) {
          put_tag(out, Tag::StringSet);
          put_length(out, data.values.size());
          for (const auto& element : data.values) put_text(out, element);
        } else if constexpr (std::is_same_v<T, table::NumberSet>) {
          put_tag(out, Tag::NumberSet);
          put_length(out, data.values.size());
          for (const auto& element : data.values) put_text(out, element.text);
        } else if constexpr (std::is_same_v<T, table::BinarySet>) {
          put_tag(out, Tag::BinarySet);
          put_length(out, data.values.size());
          for (const auto& element : data.values) put_text(out, element.bytes);
        } else if constexpr (std::is_same_v<T, table::List>) {
          put_tag(out, Tag::List);
          put_length(out, data.size());
          for (const auto& element : data) put_value(out, element);
        } else {
          put_tag(out, Tag::Map);
          put_attributes(out, data);
        }
      },
      value.data());
}

void put_attributes(std::string& out, const Attributes& attributes) {
  put_length(out, attributes.size());
  for (const auto& [name, value] : attributes) {
    put_text(out, name);
    put_value(out, value);
  }
}

// ---- Reading

/// A number as the port writes it, e.g. "-12.5" or "1E+120". Comparing and adding numbers relies on it.
bool is_number_text(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at > start;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (!digits()) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'E' || text[at] == 'e')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes)
      : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::expected<Attributes, DecodeFault> decode() {
    Attributes out;
    if (at_ == end_) return std::unexpected(fault("it is empty"));
    if (static_cast<std::uint8_t>(*at_) != kEncodingVersion) {
      return std::unexpected(fault("its encoding has an unknown version"));
    }
    ++at_;
    if (read_attributes(out, 0) && at_ != end_) refuse("something follows its end");
    if (reason_ != nullptr) return std::unexpected(fault(reason_));
    return out;
  }

 private:
  DecodeFault fault(const char* reason) const { return {static_cast<std::size_t>(at_ - begin_), reason}; }

  bool refuse(const char* reason) {
    reason_ = reason;
    return false;
  }

  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  /// A length can never exceed the number of bytes that follow, since every element takes at least one.
  bool read_length(std::size_t& length) {
    length = 0;
    for (unsigned shift = 0; shift <= 28; shift += 7) {
      if (at_ == end_) return refuse("it is cut off");
      const auto byte = static_cast<std::uint8_t>(*at_++);
      length |= static_cast<std::size_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return length <= left() || refuse("it is cut off");
    }
    return refuse("a length is too long");
  }

  bool read_text(std::string_view& text) {
    std::size_t length = 0;
    if (!read_length(length)) return false;
    text = {at_, length};
    at_ += length;
    return true;
  }

  bool read_number_text(std::string_view& text) {
    return read_text(text) && (is_number_text(text) || refuse("a number is malformed"));
  }

  bool read_attributes(Attributes& out, int depth) {
    std::size_t count = 0;
    if (!read_length(count)) return false;
    out.reserve(std::min(count, kReserveMax));
    std::string_view last;
    for (std::size_t i = 0; i < count; ++i) {
      std::string_view name;
      if (!read_text(name)) return false;
      if (i > 0 && name <= last) return refuse("its attributes are out of order");
      last = name;
      const auto build = [&out, name]<typename T>(std::type_identity<T>, auto&&... args) -> T& {
        return out.emplace_sorted<T>(name, std::forward<decltype(args)>(args)...);
      };
      if (!read_value(build, depth)) return false;
    }
    return true;
  }

  bool read_list(table::List& out, int depth) {
    std::size_t count = 0;
    if (!read_length(count)) return false;
    out.reserve(std::min(count, kReserveMax));
    const auto build = [&out]<typename T>(std::type_identity<T>, auto&&... args) -> T& {
      return *std::get_if<T>(
          &out.emplace_back(std::in_place_type<T>, std::forward<decltype(args)>(args)...).data());
    };
    for (std::size_t i = 0; i < count; ++i) {
      if (!read_value(build, depth)) return false;
    }
    return true;
  }

  template <typename Element>
  bool read_set(std::vector<Element>& out) {
    std::size_t count = 0;
    if (!read_length(count)) return false;
    if (count == 0) return refuse("a set is empty");
    out.reserve(std::min(count, kReserveMax));
    for (std::size_t i = 0; i < count; ++i) {
      std::string_view text;
      if constexpr (std::is_same_v<Element, table::Number>) {
        if (!read_number_text(text)) return false;
      } else {
        if (!read_text(text)) return false;
      }
      out.push_back(Element{std::string(text)});
    }
    return true;
  }

  /// `build` constructs a value of a type in place from the arguments, and returns it.
  template <typename Build>
  bool read_value(const Build& build, int depth) {
    if (at_ == end_) return refuse("it is cut off");
    std::string_view text;
    switch (static_cast<Tag>(*at_++)) {
      case Tag::String:
        if (!read_text(text)) return false;
        build(std::type_identity<std::string>(), text);
        return true;
      case Tag::Number:
        if (!read_number_text(text)) return false;
        build(std::type_identity<table::Number>(), std::string(text));
        return true;
      case Tag::Binary:
        if (!read_text(text)) return false;
        build(std::type_identity<table::Binary>(), std::string(text));
        return true;
      case Tag::True:
        build(std::type_identity<bool>(), true);
        return true;
      case Tag::False:
        build(std::type_identity<bool>(), false);
        return true;
      case Tag::Null:
        build(std::type_identity<table::Null>());
        return true;
      case Tag::StringSet:
        return read_set(build(std::type_identity<table::StringSet>()).values);
      case Tag::NumberSet:
        return read_set(build(std::type_identity<table::NumberSet>()).values);
      case Tag::BinarySet:
        return read_set(build(std::type_identity<table::BinarySet>()).values);
      case Tag::List:
        if (depth >= kMaxDepth) return refuse("it is nested too deeply");
        return read_list(build(std::type_identity<table::List>()), depth + 1);
      case Tag::Map:
        if (depth >= kMaxDepth) return refuse("it is nested too deeply");
        return read_attributes(build(std::type_identity<table::Map>()), depth + 1);
    }
    --at_;
    return refuse("a value has an unknown type");
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* reason_ = nullptr;
};

}  // namespace

std::string encode(const Attributes& attributes, std::size_t room) {
  std::string out;
  out.reserve(512);
  out.resize(room);
  out.push_back(static_cast<char>(kEncodingVersion));
  put_attributes(out, attributes);
  return out;
}

std::expected<Attributes, DecodeFault> decode(std::string_view bytes) {
  return Decoder(bytes).decode();
}

void append_encoded(std::string& out, std::string_view name, const Value& value) {
  out.push_back(static_cast<char>(kEncodingVersion));
  put_length(out, 1);
  put_text(out, name);
  put_value(out, value);
}

Error corrupt_item(std::string_view key, const DecodeFault& fault) {
  return Error{
      ErrorCode::CorruptItem,
      fmt::format("{} cannot be read: {} (byte {} of its value)", describe_key(key), fault.reason, fault.at),
      false, nullptr};
}

}  // namespace loopstate::embedded
