// What the readers of replies share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dax/cbor_reader.hpp"
#include "loopstate/error.hpp"

namespace loopstate::dax {

inline std::unexpected<Error> not_understood(std::string_view why) {
  return fail(ErrorCode::ProtocolError, "the reply cannot be read: " + std::string(why));
}

/// Reads an array; `element` is called for each of its elements.
template <typename Element>
bool read_array(cbor::Reader& reader, Element element) {
  cbor::Sequence array;
  if (!reader.begin_array(array)) return false;
  while (reader.next(array)) {
    if (!element()) return false;
  }
  return reader.ok();
}

/// Reads a map, or null for an empty one; `value` is called with each key, and reads or skips the value.
template <typename Value>
bool read_numbered(cbor::Reader& reader, Value value) {
  if (reader.peek() == cbor::Kind::Null) return reader.read_null();
  cbor::Sequence pairs;
  if (!reader.begin_map(pairs)) return false;
  while (reader.next(pairs)) {
    std::uint64_t key = 0;
    if (!reader.read_unsigned(key) || !value(key)) return false;
  }
  return reader.ok();
}

/// The same for keys that are texts.
template <typename Value>
bool read_named(cbor::Reader& reader, Value value) {
  if (reader.peek() == cbor::Kind::Null) return reader.read_null();
  cbor::Sequence pairs;
  if (!reader.begin_map(pairs)) return false;
  while (reader.next(pairs)) {
    std::string_view key;
    if (!reader.read_text(key) || !value(key)) return false;
  }
  return reader.ok();
}

/// A text, or null for an empty one.
inline bool read_optional_text(cbor::Reader& reader, std::string_view& text) {
  return reader.peek() == cbor::Kind::Null ? reader.read_null() : reader.read_text(text);
}

}  // namespace loopstate::dax
