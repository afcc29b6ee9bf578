// A text that must not be printed, copied by accident, or left in memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace loopstate::crypto {

/// Holds bytes and overwrites them when it is destroyed, moved from or assigned to. It cannot be printed,
/// formatted or compared: code that needs the bytes says so with `reveal()`. Not for use by several threads
/// while one of them changes it.
class Secret {
 public:
  Secret() = default;

  /// Takes over the text and overwrites what it leaves behind.
  explicit Secret(std::string&& text) noexcept;

  /// Copies the bytes; the caller still has to overwrite the source.
  static Secret copy_of(std::string_view bytes) { return Secret(std::string(bytes)); }

  // Moving a short string copies it, so the source is overwritten too.
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  /// An explicit copy.
  Secret clone() const { return copy_of(text_); }

  /// The bytes; valid while this object exists and does not change.
  std::string_view reveal() const noexcept { return text_; }

  bool empty() const noexcept { return text_.empty(); }
  std::size_t size() const noexcept { return text_.size(); }

 private:
  std::string text_;
};

}  // namespace loopstate::crypto
