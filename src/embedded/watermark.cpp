#include "embedded/watermark.hpp"

#include <algorithm>
#include <cstdlib>

namespace loopstate::embedded {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Time servers nudge a clock by less; one set by hand or by a snapshot jumps by more.
constexpr seconds kAgreement = minutes(2);
constexpr seconds kUntilTrusted = hours(1);
constexpr seconds kUntilPresent = hours(25);
constexpr std::int64_t kCatchUp = 24;

}  // namespace

seconds Watermark::agreed_for(const Seen& seen) {
  const seconds offset = seen.now.time_since_epoch() - seen.passed;
  if (!offset_ || offset > *offset_ + kAgreement || offset < *offset_ - kAgreement) {
    offset_ = offset;
    agreed_since_ = seen.passed;
    anchor_.reset();
  }
  return seen.passed - agreed_since_;
}

std::optional<Timestamp> Watermark::advance(const Seen& seen) {
  const seconds agreed = agreed_for(seen);
  const bool trusted = agreed >= kUntilTrusted;
  if (!seen.stored && !trusted) return std::nullopt;
  if (!seen.stored || agreed >= kUntilPresent) {
    // Counting starts here, should it be pulled back.
    anchor_ = Anchor{seen.now, seen.passed};
    trusted_ = trusted;
    return seen.now;
  }
  const Timestamp mark = std::min(*seen.stored, seen.now);
  if (!anchor_ || mark < anchor_->mark || trusted != trusted_) {
    anchor_ = Anchor{mark, seen.passed};
    trusted_ = trusted;
  }
  const Timestamp counted = anchor_->mark + (seen.passed - anchor_->passed) * (trusted ? kCatchUp : 1);
  return std::min(seen.now, std::max(mark, counted));
}

}  // namespace loopstate::embedded
