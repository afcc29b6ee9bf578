// The name of an error in a reply of AWS's JSON protocols.
// Source: "AWS JSON 1.1 protocol", operation error serialization, in the specification of Smithy.
#pragma once

#include <string>
#include <string_view>

namespace loopstate::aws {

/// "ValidationException" from a `__type` like
/// "com.amazonaws.dynamodb.v20120810#ValidationException:http://...": the part up to "#" and the part from
/// ":" are both optional.
inline std::string error_name(std::string_view type) {
  if (const auto hash = type.find('#'); hash != std::string_view::npos) type.remove_prefix(hash + 1);
  return std::string(type.substr(0, type.find(':')));
}

}  // namespace loopstate::aws
