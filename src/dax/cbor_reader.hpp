// Reads CBOR from bytes that are complete: a whole reply, or the content of a byte string. How far
// a reply reaches that is still arriving is up to reply_scanner.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dax/cbor_writer.hpp"
#include "loopstate/error.hpp"

namespace loopstate::dax::cbor {

/// What the value at the cursor is.
enum class Kind : std::uint8_t {
  Unsigned,
  Negative,
  Bytes,
  Text,
  Array,
  Map,
  Tag,
  Boolean,
  Null,
  Float,
  Break,   ///< the end of an indefinite array or map
  End,     ///< no bytes are left
  Unknown  ///< not a form of CBOR that DAX uses: reserved ones, indefinite texts and byte strings
};

/// "an array".
std::string_view to_string(Kind kind) noexcept;

/// How deep arrays, maps and tags may nest.
inline constexpr std::size_t kDepthMax = 64;

/// The head of a value: its kind and its argument (a number, a length, a count, a tag; a float's bits).
struct Head {
  Kind kind = Kind::End;
  std::uint8_t size = 0;  ///< in bytes
  bool indefinite = false;
  std::uint64_t argument = 0;
  std::uint8_t float_bytes = 0;  ///< 2, 4 or 8
};

/// The head at the front of `bytes`. False if they end within it: then more are needed, and `head` is
/// unset.
bool read_head(std::string_view bytes, Head& head) noexcept;

/// The elements of an array, or the pairs of a map, that are still to come.
struct Sequence {
  std::uint64_t left = 0;
  bool indefinite = false;
};

/// A cursor. Every function reads one value, or the head of one, and returns false if something else is
/// there or the bytes end: that is the problem from then on, and the cursor moves no further. What it returns
/// refers to the bytes. Allocates nothing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : bytes_(bytes) {}

  Kind peek() const noexcept;
  bool read_unsigned(std::uint64_t& value);
  bool read_int64(std::int64_t& value);
  /// For a negative integer, the n in -1 - n.
  bool read_negative(std::uint64_t& n);
  bool read_bytes(std::string_view& bytes);
  /// Anything that is not UTF-8 is a problem.
  bool read_text(std::string_view& text);
  bool read_boolean(bool& value);
  bool read_null();
  bool read_float(double& value);
  bool read_tag(std::uint64_t& tag);
  bool read_tag_that_is(std::uint64_t tag);
  bool begin_array(Sequence& array);
  bool begin_map(Sequence& map);
  /// Whether another element, or pair, follows. False at the end and after a problem.
  bool next(Sequence& sequence);
  /// An array of exactly this many elements.
  bool begin_array_of(std::uint64_t elements);
  /// Any one value, with everything in it.
  bool skip();

  bool at_end() const noexcept { return at_ == bytes_.size(); }
  /// Whether all went well and no bytes are left; a leftover byte is a problem.
  bool finish();
  bool ok() const noexcept { return problem_.empty(); }
  std::size_t position() const noexcept { return at_; }
  std::size_t left() const noexcept { return bytes_.size() - at_; }
  /// What was read since `begin`, an earlier position.
  std::string_view since(std::size_t begin) const noexcept { return bytes_.substr(begin, at_ - begin); }

  /// "expected an array, found a text at byte 17".
  const std::string& problem() const noexcept { return problem_; }
  /// Makes `message` the problem unless there is one; returns false.
  bool refuse(std::string_view message);

 private:
  bool take(Kind wanted, Head& head);
  bool take_string(Kind wanted, std::string_view& content);
  bool begin(Kind wanted, Sequence& sequence);
  bool mismatch(Kind wanted);

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::string problem_;
};

}  // namespace loopstate::dax::cbor
