// The answer of a call whose capture was added already: by an earlier call under the same request id, or by
// this call's own write whose reply was lost.
#pragma once

#include <optional>
#include <string>

#include "store/user_view.hpp"

namespace loopstate::store {

struct AddedBefore {
  std::string capture_id;          ///< empty when it is not known any more
  std::optional<Capture> capture;  ///< nothing when it has left since
  std::vector<Capture> dropped;    ///< as its row remembers
};

/// `id`: the capture's, where a mark told it; else it is found in the ring by the write's id.
Task<Result<AddedBefore>> find_added_before(CorePtr core, std::string user, UserView view,
                                            std::optional<std::string> id, WriteCall call);

}  // namespace loopstate::store
