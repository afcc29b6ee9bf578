#include "embedded/watermark.hpp"

#include <algorithm>
#include <cstdlib>

namespace loopstate::embedded {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

/// Time servers nudge a clock by less; what is set by hand or by a snapshot jumps by more.
constexpr UnixSeconds kAgreement = 120;
constexpr seconds kUntilTrusted = hours(1);
constexpr seconds kUntilPresent = hours(25);
constexpr std::int64_t kCatchUp = 24;

}  // namespace

seconds Watermark::agreed_for(const Seen& seen) {
  const UnixSeconds offset = seen.now - seen.passed.count();
  if (!offset_ || offset > *offset_ + kAgreement || offset < *offset_ - kAgreement) {
    offset_ = offset;
    agreed_since_ = seen.passed;
    anchor_.reset();
  }
  return seen.passed - agreed_since_;
}

std::optional<UnixSeconds> Watermark::advance(const Seen& seen) {
  const seconds agreed = agreed_for(seen);
  const bool trusted = agreed >= kUntilTrusted;
  if (!seen.stored && !trusted) return std::nullopt;
  if (!seen.stored || agreed >= kUntilPresent) {
    // Counting from here, should it be pulled back.
    anchor_ = Anchor{seen.now, seen.passed};
    trusted_ = trusted;
    return seen.now;
  }
  const UnixSeconds mark = std::min(*seen.stored, seen.now);
  if (!anchor_ || mark < anchor_->mark || trusted != trusted_) {
    anchor_ = Anchor{mark, seen.passed};
    trusted_ = trusted;
  }
  const UnixSeconds counted =
      anchor_->mark + (seen.passed - anchor_->passed).count() * (trusted ? kCatchUp : 1);
  return std::min(seen.now, std::max(mark, counted));
}

}  // namespace loopstate::embedded
