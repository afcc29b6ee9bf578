// Checks a file before LMDB maps it: a page missing from a mapped file kills the process that touches it.
#pragma once

#include <string>

#include "loopstate/error.hpp"

namespace loopstate::embedded {

/// TableNotFound, TableMismatch (not an LMDB file, or another version of one), StorageCorrupt (shorter than
/// what it holds), StorageFailure. Reads the file with ordinary reads, never through a map.
Result<void> check_file(const std::string& path);

}  // namespace loopstate::embedded
