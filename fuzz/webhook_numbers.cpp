// Any text as an amount, a time, and base64.
#include "base/timestamp.hpp"
#include "check.hpp"
#include "crypto/base64.hpp"
#include "webhook/currency.hpp"
#include "webhook/time.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopstate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (unsigned exponent = 0; exponent < 4; ++exponent) {
    const auto amount = webhook::parse_amount(text, exponent);
    const auto finer = webhook::parse_amount(text, exponent + 1);
    if (!amount) continue;
    fuzz::check(!amount->negative || amount->value > 0, "zero is not below zero");
    const bool fits = amount->value <= UINT64_MAX / 10;
    fuzz::check(finer.has_value() == fits, "what fits one exponent fits the next, unless it is too large");
    if (finer) fuzz::check(finer->value == amount->value * 10, "one more digit is ten times as many units");
  }
  if (const auto bytes = crypto::base64_decode(text)) {
    fuzz::check(crypto::base64_encode(*bytes) == text, "only one text decodes to these bytes");
  }
  if (const auto time = webhook::parse_rfc3339(text)) {
    const auto seconds = unix_seconds(*time);
    fuzz::check(seconds > -62'200'000'000 && seconds < 253'500'000'000, "a time has a year of four digits");
  }
  return 0;
}
