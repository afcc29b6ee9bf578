#include "table/table.hpp"

#include <boost/asio/awaitable.hpp>

namespace loopstate::table {

Task<Result<void>> Table::warm_up(Deadline /*deadline*/) {
  co_return Result<void>();
}

}  // namespace loopstate::table
