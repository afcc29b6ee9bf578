// For OpenSSL calls that only fail when the process is beyond help.
#pragma once

namespace loopstate::crypto {

/// Ends the program with a line on standard error unless `ok`. Continuing would mean wrong digests or
/// predictable random bytes.
void require(bool ok, const char* what) noexcept;

}  // namespace loopstate::crypto
