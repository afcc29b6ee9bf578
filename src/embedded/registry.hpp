// One engine per file within a process, however often and under whatever name it is opened: otherwise LMDB
// breaks its own locks.
#pragma once

#include <memory>

#include "embedded/embedded_table.hpp"
#include "loopstate/error.hpp"

namespace loopstate::embedded {

class Engine;

/// The engine that already has the file open, or a new one. The file must exist.
Result<std::shared_ptr<Engine>> shared_engine(const EmbeddedOptions& options);

}  // namespace loopstate::embedded
