// A capture's JSON as it is stored: without id, currency and refunds, which have attributes of their own.
#pragma once

#include <string>

#include "loopstate/capture.hpp"

namespace loopstate::store {

std::string stored_json(const Capture& capture);

}  // namespace loopstate::store
