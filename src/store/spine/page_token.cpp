#include "store/spine/page_token.hpp"

#include <fmt/format.h>

#include "crypto/base64.hpp"
#include "crypto/hash.hpp"

namespace loopstate::store {
namespace {

constexpr std::size_t kSumDigits = 16;
constexpr std::size_t kStoreDigits = 8;
constexpr char kSeparator = '\n';  // in no question's name

std::string digits(std::string_view text, std::size_t count) {
  return crypto::hex(crypto::sha256(text)).substr(0, count);
}

std::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::InvalidArgument,
              fmt::format("the page token {}; without one, the answer begins at its first page", why));
}

}  // namespace

std::string write_token(const PageToken& token, std::string_view store) {
  const auto body =
      fmt::format("{}{}{}{}", digits(store, kStoreDigits), token.question, kSeparator, token.cursor);
  return crypto::base64_encode(digits(body, kSumDigits) + body);
}

Result<std::string> read_token(std::string_view text, std::string_view question, std::string_view store) {
  const auto decoded = crypto::base64_decode(text);
  const bool whole = decoded && decoded->size() > kSumDigits + kStoreDigits &&
                     decoded->substr(0, kSumDigits) == digits(decoded->substr(kSumDigits), kSumDigits);
  if (!whole) return refuse("is not one that an earlier page gave, or a part of it is missing");
  const auto body = std::string_view(*decoded).substr(kSumDigits);
  if (body.substr(0, kStoreDigits) != digits(store, kStoreDigits)) {
    return refuse("is another store's, or this one was replaced since");
  }
  const auto rest = body.substr(kStoreDigits);
  const auto end = rest.find(kSeparator);
  if (rest.substr(0, end) != question) {
    return refuse(fmt::format("belongs to another question, {}", rest.substr(0, end)));
  }
  return std::string(rest.substr(end + 1));
}

}  // namespace loopstate::store
