// Any signature headers over any body: the lines of the input are a signature, a timestamp and the body.
// Nothing verifies, since the input does not know a secret.
#include "check.hpp"
#include "webhook/signing.hpp"
#include "webhook/verify.hpp"

namespace {

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopstate;
  using namespace loopstate::webhook;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto signature = take_line(text);
  const auto timestamp = take_line(text);

  static const auto settings = [] {
    WebhookSettings all;
    all.square.push_back({crypto::Secret::copy_of("a secret"), "https://example.com"});
    all.stripe.push_back(crypto::Secret::copy_of("a secret"));
    all.fidel.push_back({FidelKind::Clearing, {crypto::Secret::copy_of("a secret"), "https://example.com"}});
    return all;
  }();
  const Headers headers{{kSquareSignatureHeader, signature},
                        {kStripeSignatureHeader, signature},
                        {kFidelSignatureHeader, signature},
                        {kFidelTimestampHeader, timestamp}};
  const Delivery delivery{Provider::Square, headers, std::string(text), 1'700'000'000'000};
  fuzz::check(!verify_square(delivery, settings.square), "nobody can sign for Square");
  fuzz::check(!verify_stripe(delivery, settings.stripe), "nobody can sign for Stripe");
  fuzz::check(!verify_fidel(delivery, settings.fidel), "nobody can sign for Fidel");
  return 0;
}
