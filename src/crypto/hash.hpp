// SHA-256, and digests as text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace loopstate::crypto {

using Digest = std::array<std::uint8_t, 32>;

// Hashing cannot fail in a working OpenSSL; if it does (out of memory), the program ends, since a
// wrong digest would be worse. Everything here may be called from any thread.

/// Of one text, or of several, one after the other.
Digest sha256(std::string_view bytes);
Digest sha256(std::span<const std::string_view> parts);

/// Of bytes that arrive in pieces.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  /// Of everything so far; the object then starts over.
  Digest finish();

 private:
  struct Free {
    void operator()(void* context) const noexcept;
  };
  std::unique_ptr<void, Free> context_;
};

/// Lower-case hexadecimal.
std::string hex(std::span<const std::uint8_t> bytes);

/// A digest from exactly 64 hexadecimal digits of either case; nothing for any other text.
std::optional<Digest> digest_from_hex(std::string_view text);

/// The digest's bytes as text, for functions that take text: as a key, or to encode.
inline std::string_view as_text(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace loopstate::crypto
