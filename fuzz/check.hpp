// What must hold for any input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace loopstate::fuzz {

/// Ends the program, which the fuzzer reports with the input, unless `holds`.
inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace loopstate::fuzz
