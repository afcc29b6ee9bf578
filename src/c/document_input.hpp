// What the calls of documents and those of their readers and writers share.
#pragma once

#include <string>

#include "c/params.hpp"
#include "loopstate/documents.hpp"

namespace loopstate::c {

/// `meta` and `lifetime`.
NewDocument document_head(Params& in);
/// `timeout`, `request_id`, and `at_version` or `if_absent`.
DocumentOptions document_options(Params& in);

/// Without its body.
std::string document_json(const Document& document);
std::string stored_json(const StoredDocument& stored);

}  // namespace loopstate::c
