// Numbers as LMDB orders them: by bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace loopstate::embedded {

/// A signed second, so that earlier ones come first.
struct OrderedSecond {
  std::array<char, 8> bytes{};

  explicit OrderedSecond(std::int64_t second) {
    const std::uint64_t biased = static_cast<std::uint64_t>(second) ^ (std::uint64_t{1} << 63);
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<char>(biased >> (56 - 8 * i));
  }
  std::string_view view() const { return {bytes.data(), bytes.size()}; }

  static std::optional<std::int64_t> parse(std::string_view text) {
    if (text.size() < 8) return std::nullopt;
    std::uint64_t biased = 0;
    for (unsigned i = 0; i < 8; ++i) biased = biased << 8 | static_cast<unsigned char>(text[i]);
    return static_cast<std::int64_t>(biased ^ (std::uint64_t{1} << 63));
  }
};

}  // namespace loopstate::embedded
