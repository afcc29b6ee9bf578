// The token of a page: where the next one begins, which question it belongs to, and in which store. A person
// passes it on by hand, so that what was cut off or comes from elsewhere is told apart.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/error.hpp"

namespace loopstate::store {

struct PageToken {
  std::string question;  ///< e.g. "users"
  std::string cursor;    ///< the engine's
};

/// `store`: Table::identity.
std::string write_token(const PageToken& token, std::string_view store);

/// The cursor. InvalidArgument: damaged, another store's, or of another question.
Result<std::string> read_token(std::string_view text, std::string_view question, std::string_view store);

}  // namespace loopstate::store
