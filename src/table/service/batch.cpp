#include "table/service/batch.hpp"

#include <fmt/format.h>

#include <utility>

#include "table/expiry.hpp"

namespace loopstate::table::service {

Error not_processed(std::string_view who, std::size_t left) {
  return Error{ErrorCode::Throttled,
               fmt::format("{} repeatedly left {} of a batch unprocessed: it is throttling", who, left), true,
               nullptr};
}

Error partly_written(std::size_t written, std::size_t all, const Error& error) {
  return Error{ErrorCode::OutcomeUnknown,
               fmt::format("{} of {} items of a batch were written, and perhaps more: {}", written, all,
                           error.message),
               true, nullptr};
}

std::map<Key, std::size_t> positions(const std::vector<Key>& keys) {
  std::map<Key, std::size_t> out;
  for (std::size_t at = 0; at < keys.size(); ++at) out.emplace(keys[at], at);
  return out;
}

Result<void> place(BatchAnswers& answers, const std::map<Key, std::size_t>& at, std::vector<Item>& items,
                   Timestamp now) {
  for (Item& item : items) {
    const auto found = at.find(item.key);
    if (found == at.end()) {
      return fail(ErrorCode::ProtocolError, "a batch's reply has an item that was not asked for");
    }
    answers[found->second] = live(std::move(item), now);
  }
  return {};
}

}  // namespace loopstate::table::service
