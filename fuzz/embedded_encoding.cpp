// Any bytes as a stored item: decoding refuses them, or gives attributes that survive encoding and
// decoding.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "embedded/encoding.hpp"
#include "embedded/expiry_index.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopstate::embedded;
  const auto decoded = decode({reinterpret_cast<const char*>(data), size});  // NOLINT: the bytes as text
  if (!decoded) return 0;
  const auto again = decode(encode(*decoded));
  if (!again || *again != *decoded) std::abort();
  (void)expires_at(*decoded);
  return 0;
}
