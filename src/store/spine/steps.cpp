#include "store/spine/steps.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "base/try.hpp"
#include "store/spine/request.hpp"
#include "table/limits.hpp"

namespace loopstate::store {

void Steps::add(Role role, table::Operation operation) {
  roles_.push_back(role);
  operations_.push_back(std::move(operation));
}

const table::Operation* Steps::find(Role role) const noexcept {
  const auto found = std::ranges::find(roles_, role);
  return found == roles_.end() ? nullptr : &operations_[static_cast<std::size_t>(found - roles_.begin())];
}

const Refusals::One* Refusals::find(Role role) const noexcept {
  const auto found = std::ranges::find(refused_, role, &One::role);
  return found == refused_.end() ? nullptr : &*found;
}

std::optional<table::Item> Refusals::item(Role role) const {
  const auto* one = find(role);
  return one == nullptr ? std::nullopt : one->item;
}

Task<Result<StepsOutcome>> transact_steps(CorePtr core, Steps steps, WriteCall call, std::string user,
                                          std::string answer) {
  std::vector<table::Key> keys;
  keys.reserve(steps.size());
  for (const auto& operation : steps.operations_) keys.push_back(table::key_of(operation));
  CO_TRY(auto outcome, co_await transact_once(std::move(core), std::move(steps.operations_), std::move(call),
                                              std::move(user), std::move(answer)));
  StepsOutcome result;
  result.applied = outcome.applied;
  std::vector<Refusals::One> refused;
  for (std::size_t at = 0; at < outcome.refusals.size(); ++at) {
    auto& one = outcome.refusals[at];
    if (!one.refused) continue;
    refused.push_back({steps.roles_[at], std::move(keys[at]), std::move(one.item)});
  }
  result.refusals = Refusals(std::move(refused));
  co_return result;
}

}  // namespace loopstate::store
