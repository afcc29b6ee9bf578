// One engine for a file within a process, however often and by whatever name it is opened: LMDB breaks its
// own locks otherwise.
#pragma once

#include <memory>

#include "embedded/embedded_table.hpp"
#include "loopstate/error.hpp"

namespace loopstate::embedded {

class Engine;

/// The engine that has the file open already, or a new one. The file exists.
Result<std::shared_ptr<Engine>> shared_engine(const EmbeddedOptions& options);

}  // namespace loopstate::embedded
