// What names a store: "embedded:PATH" or "dynamodb:TABLE".
#pragma once

#include <string_view>

#include "loopstate/error.hpp"

namespace loopstate {

/// InvalidArgument begins with `given_as`, so that it blames what the user wrote ("LOOPSTATE_URL",
/// "--store"). A path without its engine is told what to put in front.
Result<void> check_store_url(std::string_view given_as, std::string_view url);

/// The same for the name of a DynamoDB table or index.
Result<void> check_dynamodb_name(std::string_view given_as, std::string_view name);

}  // namespace loopstate
