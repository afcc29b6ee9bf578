// Finds the end of a CBOR value whose bytes are still arriving.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dax/cbor_reader.hpp"

namespace loopstate::dax::cbor {

/// Looks at every head once, however the bytes are cut, and never at the content of texts and byte strings.
/// Allocates nothing but the problem's text.
class ValueScanner {
 public:
  /// More: the value continues after the bytes. Bad: no value, or none of the allowed size, begins so.
  enum class State : std::uint8_t { More, Whole, Bad };

  /// The value begins at offset `begin` of the bytes and ends at or before offset `bytes_max`.
  explicit ValueScanner(std::size_t begin, std::size_t bytes_max) : at_(begin), bytes_max_(bytes_max) {}

  /// `bytes`: all of them so far, with the earlier ones unchanged. Not to be called after Whole or Bad.
  State scan(std::string_view bytes);

  /// Whole: where the value ends.
  std::size_t end() const noexcept { return at_; }
  /// More: there will be at least this many bytes in total.
  std::size_t needed() const noexcept { return needed_; }
  /// Bad: "values nested too deeply at byte 17".
  const std::string& problem() const noexcept { return problem_; }

 private:
  /// An array, a map or a tag that the cursor is in.
  struct Open {
    std::uint64_t left = 0;
    bool indefinite = false;
    bool pairs = false;
    bool between_pairs = true;
  };

  State enter(const Head& head);
  State leave();
  State bad(std::string_view message);

  std::size_t at_;
  std::size_t bytes_max_;
  std::size_t needed_ = 1;
  std::size_t depth_ = 0;
  std::array<Open, kDepthMax> open_{};
  std::string problem_;
};

}  // namespace loopstate::dax::cbor
