// The JSON of what questions answer.
#pragma once

#include <string>

#include "c/replies.hpp"
#include "loopstate/questions.hpp"

namespace loopstate::c {

std::string entry_json(const UserEntry& entry);
std::string entry_json(const PendingCapture& entry);
std::string entry_json(const SeenPayment& entry);
std::string entry_json(const EndedCapture& entry);
std::string entry_json(const PaymentStory& story);

}  // namespace loopstate::c
