#include "store/added_before.hpp"

#include <boost/asio/awaitable.hpp>

#include "store/capture_plan.hpp"
#include "store/capture_row.hpp"
#include "store/keys.hpp"

namespace loopstate::store {

Task<Result<AddedBefore>> find_added_before(CorePtr core, std::string user, UserView view,
                                            std::optional<std::string> id, WriteCall call) {
  AddedBefore added;
  if (!id) id = added_by(view, call.write_id);
  if (!id) co_return added;
  added.capture_id = *id;
  auto key = pending_key(user, *id);
  auto row = co_await core->table->get(std::move(key), call.call);
  if (!row) co_return std::unexpected(std::move(row.error()));
  if (!*row) co_return added;
  auto capture = capture_from_row(**row);
  if (!capture) co_return std::unexpected(std::move(capture.error()));
  auto dropped = dropped_of_row(**row);
  if (!dropped) co_return std::unexpected(std::move(dropped.error()));
  added.capture = std::move(*capture);
  added.dropped = std::move(*dropped);
  co_return added;
}

}  // namespace loopstate::store
