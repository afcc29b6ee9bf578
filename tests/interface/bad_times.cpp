// Each form is compiled separately, with FORM defined to its number; form 0, which is only what they share,
// must compile. After a form's number comes what the compiler must say about it.
#include <chrono>

#include "loopstate/store.hpp"

using namespace loopstate;

#if FORM == 1  // cannot convert|no known conversion
auto held_until(Store store, Claim claim, Timestamp until) {
  return store.extend(claim, until);
}
#elif FORM == 2  // cannot convert|no known conversion
auto held_for(Store store, Claim claim) {
  return store.extend(claim, 60);
}
#elif FORM == 3  // no matching function|cannot convert
const auto happened = LocationOptions().event_time(std::chrono::seconds(60));
#elif FORM == 4  // could not convert|cannot convert
const Session session{.expires_at = std::chrono::hours(1)};
#else
const auto happened = LocationOptions().event_time(Timestamp{});
const Session session{.expires_at = Timestamp{} + std::chrono::hours(1)};
#endif
