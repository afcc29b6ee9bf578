#include "table/table.hpp"

#include <boost/asio/awaitable.hpp>

namespace loopstate::table {

Task<Result<void>> Table::warm_up(Deadline /*deadline*/) {
  co_return Result<void>();
}

Task<Result<std::vector<Finding>>> Table::inspect(Call /*call*/) {
  co_return std::vector<Finding>();
}

}  // namespace loopstate::table
