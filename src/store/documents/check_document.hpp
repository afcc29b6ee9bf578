// Whether what a caller passes in can be stored as JSON and read back, by us and by the Rust crate.
#pragma once

#include "loopstate/capture.hpp"
#include "loopstate/context.hpp"
#include "loopstate/session.hpp"

namespace loopstate::store {

// InvalidArgument names the field: a text that is not UTF-8, a number that is not valid, an unknown member
// that has the name of a known one or is a duplicate.
Result<void> check_document(const Context& context);
Result<void> check_document(const Session& session);
Result<void> check_document(const Capture& capture);
Result<void> check_document(const ContextEvent& event);

}  // namespace loopstate::store
