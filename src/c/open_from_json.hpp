// Opening a store from the JSON that loopstate_open takes.
#pragma once

#include <memory>
#include <string_view>

#include "c/open_store.hpp"
#include "loopstate/error.hpp"

namespace loopstate::c {

Result<std::unique_ptr<OpenStore>> open_from_json(std::string_view json);

}  // namespace loopstate::c
