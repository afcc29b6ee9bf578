// What an LMDB or system error code means for a caller.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/error.hpp"

namespace loopstate::embedded {

/// `doing` completes "while ...", e.g. "committing a write"; `path` names the file.
Error storage_error(int code, std::string_view doing, std::string_view path);

/// The same for a failed write. LMDB reports a write that was cut short as an input/output error; if no
/// room is left, that was the reason. `named`: what the message calls the file, if not by its path.
Error write_error(int code, const std::string& path, std::string_view doing = "writing",
                  std::string_view named = {});

/// Whether the code says that pages of the file are damaged.
bool means_damage(int code);

}  // namespace loopstate::embedded
