// A text that must not be printed, copied by accident, or left in memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace loopstate::crypto {

/// Holds bytes and overwrites them when it ends, is moved from or is assigned to. It can be neither printed,
/// formatted nor compared: whoever needs the bytes says so with `reveal()`. Not for use by several threads
/// while one of them changes it.
class Secret {
 public:
  Secret() = default;

  /// Takes the text over and overwrites what it leaves behind.
  explicit Secret(std::string&& text) noexcept;

  /// Copies the bytes; the source stays the caller's to overwrite.
  static Secret copy_of(std::string_view bytes) { return Secret(std::string(bytes)); }

  // Moving a short string copies it, so the source is overwritten too.
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  /// A copy that was asked for.
  Secret clone() const { return copy_of(text_); }

  /// The bytes; valid as long as this object is and does not change.
  std::string_view reveal() const noexcept { return text_; }

  bool empty() const noexcept { return text_.empty(); }
  std::size_t size() const noexcept { return text_.size(); }

 private:
  std::string text_;
};

}  // namespace loopstate::crypto
