#include "crypto/secret.hpp"

#include <utility>

#include "crypto/wipe.hpp"

namespace loopstate::crypto {

Secret::Secret(std::string&& text) noexcept : text_(std::move(text)) {
  wipe(text);  // NOLINT(bugprone-use-after-move): a short text is still there
}

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) {
  wipe(other.text_);  // NOLINT(bugprone-use-after-move)
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(text_);
  text_.swap(other.text_);
  wipe(other.text_);
  return *this;
}

Secret::~Secret() {
  wipe(text_);
}

}  // namespace loopstate::crypto
