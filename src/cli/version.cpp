#include "cli/version.hpp"

namespace loopstate::cli {

const std::string_view kVersion = LOOPSTATE_VERSION;

}  // namespace loopstate::cli
