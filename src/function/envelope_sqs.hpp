// The records of an SQS event.
#pragma once

#include <vector>

#include "function/envelope.hpp"
#include "json/view.hpp"

namespace loopstate::function {

/// A record that cannot be read stays in the batch, with its problem: it must not take the others
/// down with it.
SqsBatch read_sqs(const std::vector<json::View>& records);

}  // namespace loopstate::function
