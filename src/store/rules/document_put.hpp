// The first step and the last of every put: whether it is refused in any case; the document's row, and what
// it replaces.
#pragma once

#include <memory>

#include "store/rules/document_plan.hpp"

namespace loopstate::store {

/// `collection`: what is known of it. Runs inside `once`. An error of are_parts_gone if the parts of
/// `work` were written for another one.
Task<Result<StoredDocument>> put_row(DocumentsCore documents, std::shared_ptr<const PutWork> work,
                                     KnownCollection collection);

/// Before parts are written, and a collection is made for them: what refuses the put already, else what is
/// known of the collection: as given, or more.
Task<Result<KnownCollection>> refuse_in_vain(DocumentsCore documents, std::shared_ptr<const PutWork> work,
                                             KnownCollection collection);

}  // namespace loopstate::store
