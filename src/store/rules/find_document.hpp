// One document, as readers see it.
#pragma once

#include <optional>
#include <string>

#include "store/rules/collection_steps.hpp"

namespace loopstate::store {

/// Without what is in parts. Nothing: there is none, or its collection is being removed.
Task<Result<std::optional<DocumentRow>>> find_document(DocumentsCore documents, std::string key,
                                                       table::Call call);

/// NotFound.
std::unexpected<Error> no_document(const DocumentsCore& documents, const std::string& key);

}  // namespace loopstate::store
