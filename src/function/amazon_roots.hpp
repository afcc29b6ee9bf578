// The authorities that certify AWS's own endpoints: all that the function needs to trust.
#pragma once

#include <string_view>

namespace loopstate::function {

/// Amazon Root CA 1 to 4 and Starfield Services Root Certificate Authority - G2, in PEM. These five are what
/// AWS asks its clients to trust (aws.amazon.com/blogs/security, "How to prepare for AWS's move to its own
/// certificate authority").
std::string_view amazon_roots() noexcept;

}  // namespace loopstate::function
