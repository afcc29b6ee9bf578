// CBOR as a DAX cluster takes it: big endian, every length in its shortest form.
// Source: RFC 8949 for the forms; the official clients show which of them DAX uses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loopstate::dax::cbor {

/// The eight kinds of the first three bits.
enum class Major : std::uint8_t { Unsigned, Negative, Bytes, Text, Array, Map, Tag, Simple };

// Tags. The last four are DAX's own.
inline constexpr std::uint64_t kTagBigUnsigned = 2;
inline constexpr std::uint64_t kTagBigNegative = 3;
inline constexpr std::uint64_t kTagDecimal = 4;
inline constexpr std::uint64_t kTagStringSet = 3321;
inline constexpr std::uint64_t kTagNumberSet = 3322;
inline constexpr std::uint64_t kTagBinarySet = 3323;
inline constexpr std::uint64_t kTagListIndex = 3324;

// Each appends one value, or the head of one, to `out`.
void append_head(std::string& out, Major major, std::uint64_t argument);
void append_integer(std::string& out, std::int64_t value);
void append_text(std::string& out, std::string_view text);
void append_bytes(std::string& out, std::string_view bytes);
void append_array(std::string& out, std::uint64_t elements);
/// A map of this many pairs.
void append_map(std::string& out, std::uint64_t pairs);
void append_tag(std::string& out, std::uint64_t tag);
void append_boolean(std::string& out, bool value);
void append_null(std::string& out);
/// A map of as many pairs as come before its end.
void begin_map(std::string& out);
void end_map(std::string& out);

/// Turns all of `out` from `begin` on into the content of a byte string.
void wrap_bytes(std::string& out, std::size_t begin);

}  // namespace loopstate::dax::cbor
