// Reads JSON (RFC 8259) in one pass, without building a tree and without losing a digit: values are taken as
// the type that the caller wants, or as the slice of text that they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loopstate::json {

enum class Kind : std::uint8_t { Null, Boolean, Number, String, Array, Object };

/// "null", "a boolean", "a number", "a string", "an array", "an object".
std::string_view to_string(Kind kind) noexcept;
/// What kind of JSON value begins with this character, if any.
std::optional<Kind> kind_of(char first) noexcept;

struct Limits {
  /// Arrays and objects inside each other: `[]` is one level. At most kMaxDepth.
  std::uint32_t depth = 64;
  std::size_t bytes = 16u << 20;
};

inline constexpr std::uint32_t kMaxDepth = 128;

/// What is wrong, and where.
struct Problem {
  std::size_t offset = 0;  ///< in bytes from the start of the text
  std::string message;     ///< e.g. "expected a boolean, found a string"
};

/// A cursor over one text, which must outlive it. Every call either takes what it names or fails, and after
/// a failure every further call fails too: so a caller may check `ok()` once at the end. Strict: UTF-8
/// only, no duplicate members in an object, no half of a surrogate pair as an escape, no byte order mark. For
/// one thread.
///
///     Reader reader(text);
///     std::string_view key;
///     reader.begin_object();
///     while (reader.next_member(key)) {
///       if (key == "id") reader.read_string(id); else reader.skip();
///     }
///     if (!reader.finish()) return reader.problem();
class Reader {
 public:
  explicit Reader(std::string_view text, Limits limits = {});

  /// What comes next; nothing at the end of the text or where no value begins (which is not a failure yet).
  std::optional<Kind> peek();

  bool begin_object();
  /// The next member's name, unescaped, valid until the object ends; its value must be taken next. False at
  /// the object's end, which is taken too, or on a failure.
  bool next_member(std::string_view& key);

  bool begin_array();
  /// True if an element follows, which must be taken next. False at the array's end or on a failure.
  bool next_element();

  bool read_null();
  bool read_bool(bool& value);
  /// Unescaped.
  bool read_string(std::string& value);
  /// Integers, from their digits: no fraction, no exponent, within `min` to `max`.
  bool read_unsigned(std::uint64_t& value, std::uint64_t max = UINT64_MAX);
  bool read_signed(std::int64_t& value, std::int64_t min = INT64_MIN, std::int64_t max = INT64_MAX);
  /// Any number, as its text.
  bool read_number(std::string_view& text);

  /// Takes the next value, of any kind, checks it, and returns its text, byte for byte. Empty on a failure.
  std::string_view skip();

  /// True if all was well and nothing but white space is left.
  bool finish();

  bool ok() const noexcept { return !problem_; }
  /// Only after a failure.
  const Problem& problem() const noexcept { return *problem_; }
  /// Fails with a problem found by the caller, at the current position. Always false.
  bool fail(std::string message);
  /// Fails with "expected ..., found ..." about the value that comes next. Always false.
  bool fail_expected(std::string_view expected);

 private:
  struct Frame {
    std::uint32_t first_key = 0;  // in keys_
    bool first = true;
    bool object = false;
  };

  bool fail_at(const char* place, std::string message);
  void skip_space() noexcept;
  bool open(char bracket, bool object, std::string_view expected);
  bool check_unique(std::uint32_t first_key);
  bool take_string(std::string_view& raw, bool& escaped);
  bool take_escape(const char*& at);
  bool take_number(std::string_view& text);
  template <typename Integer>
  bool take_integer(Integer& value, Integer min, Integer max);
  bool take_key(std::string_view& key);
  bool take_literal(std::string_view literal);
  bool skip_value();
  bool skip_object();
  bool skip_array();

  const char* begin_;
  const char* at_;
  const char* end_;
  std::uint32_t depth_ = 0;
  std::uint32_t depth_limit_;
  std::vector<Frame> frames_;
  std::vector<std::string_view> keys_;                   // of the objects that are open
  std::vector<std::unique_ptr<std::string>> unescaped_;  // keys that had escapes
  std::optional<Problem> problem_;
};

/// The text that a string literal stands for; `raw` is what is between its quotes, already checked.
std::string unescape(std::string_view raw);

}  // namespace loopstate::json
