// The names that a caller supplies, each a type of its own, so that one is never passed for another.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "loopstate/error.hpp"

namespace loopstate {

/// Empty when `text` is 1 to 200 bytes of UTF-8 without control characters (U+0000 to U+001F, U+007F to
/// U+009F); otherwise an InvalidArgument that names `field` and what is wrong.
Result<void> check_name(std::string_view field, std::string_view text);

/// A checked name. `Tag::field` is how messages call it.
template <typename Tag>
class Name {
 public:
  /// InvalidArgument when the text is not a name (see check_name).
  static Result<Name> parse(std::string_view text) {
    if (auto ok = check_name(Tag::field, text); !ok) return std::unexpected(std::move(ok.error()));
    return Name(std::string(text));
  }

  const std::string& text() const noexcept { return text_; }

  friend auto operator<=>(const Name&, const Name&) = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct UserTag {
  static constexpr std::string_view field = "user";
};
struct FingerprintTag {
  static constexpr std::string_view field = "fingerprint";
};
struct TransactionTag {
  static constexpr std::string_view field = "transaction";
};
struct MerchantTag {
  static constexpr std::string_view field = "merchant";
};

using UserId = Name<UserTag>;
using Fingerprint = Name<FingerprintTag>;
using TransactionId = Name<TransactionTag>;
using MerchantId = Name<MerchantTag>;

}  // namespace loopstate
