// What both services' batches have in common: the answers in the order asked, and what is said of a batch
// that was left unprocessed.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::table::service {

using BatchAnswers = std::vector<Result<std::optional<Item>>>;

/// Throttled. `who`: "the service", "the cluster".
Error not_processed(std::string_view who, std::size_t left);

/// OutcomeUnknown: the rest of a batch failed with `error` after part of it had been written.
Error partly_written(std::size_t written, std::size_t all, const Error& error);

/// The position of each key in the request.
std::map<Key, std::size_t> positions(const std::vector<Key>& keys);

/// Puts the live items where they were asked for. ProtocolError: CorruptItem would blame the table, but a key
/// that nobody asked for is the server's fault.
Result<void> place(BatchAnswers& answers, const std::map<Key, std::size_t>& at, std::vector<Item>& items,
                   Timestamp now);

}  // namespace loopstate::table::service
