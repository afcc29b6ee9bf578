// One write on its way to the writer thread and back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/error.hpp"
#include "table/table.hpp"

namespace loopstate::embedded {

/// Of a transaction's operations, as a file holds it: XXH3 (128 bits) and 16 bytes of zeros.
using OperationsHash = std::array<std::uint8_t, 32>;

/// An operation with everything prepared before the writer thread sees it.
struct PreparedOperation {
  table::Operation operation;
  std::string key;    ///< encoded
  std::string value;  ///< for a put: encoded
};

/// What became of one operation.
struct OperationOutcome {
  bool held = false;                ///< whether its condition held
  std::optional<table::Item> item;  ///< as WriteOutcome::item
};

/// Written as a whole or not at all, whichever call it came from.
struct WriteRequest {
  std::vector<PreparedOperation> operations;
  std::optional<std::string> token;  ///< for a transaction
  OperationsHash hash{};             ///< with a token
  table::Call call;

  // Filled in by the writer thread before it answers.
  bool applied = false;
  std::vector<OperationOutcome> outcomes;
  std::optional<Error> error;
};

/// Encodes keys and items, and checks key lengths. InvalidArgument.
Result<PreparedOperation> prepare(table::Operation operation);

OperationsHash hash_of(const std::vector<PreparedOperation>& operations);

/// Whether a hash that a file holds is that of the operations, whose own is `hash`. Earlier versions wrote
/// their SHA-256.
bool is_hash_of(std::string_view stored, const OperationsHash& hash,
                const std::vector<PreparedOperation>& operations);

}  // namespace loopstate::embedded
