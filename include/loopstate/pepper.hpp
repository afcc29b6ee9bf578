// What a store knows of the pepper under which its cards are linked, and cards on their way from one pepper
// to the next. For an agent: a caller with fingerprints of its own needs none of this.
#pragma once

#include <optional>
#include <string>

#include "loopstate/clock.hpp"
#include "loopstate/store.hpp"
#include "loopstate/task.hpp"

namespace loopstate {

/// Check values, which tell one pepper from another; never a pepper.
struct PepperRecord {
  std::string salt;      ///< of both check values
  std::string current;   ///< of the pepper in use
  std::string previous;  ///< while cards may still be linked under the one before: of that, else empty
  Timestamp since{};     ///< when `current` came into use; only then were cards linked under it
};

/// Nothing if no pepper was ever used on this store. CorruptItem.
Task<Result<std::optional<PepperRecord>>> read_pepper(Store store, CallOptions options);

/// False if something else than `before` stands there by now. Repeating it is harmless.
Task<Result<bool>> write_pepper(Store store, std::optional<PepperRecord> before, PepperRecord next,
                                CallOptions options);

/// Links the card that is known as `from` as `to`, to the same user and with the same time, and ends that of
/// `from`, in one transaction. Purchases that waited for `to` are recorded in it. NotFound: nobody has `from`
/// (any more). CardLinkedElsewhere: `to` is another user's. Erased.
Task<Result<LinkedCard>> move_card(Store store, Fingerprint from, Fingerprint to, CallOptions options);

/// What the store's rules take for now.
Timestamp now_of(const Store& store);

}  // namespace loopstate
