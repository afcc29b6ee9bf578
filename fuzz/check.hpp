// What must hold for any input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace loopstate::fuzz {

/// Ends the program unless `holds`; the fuzzer then reports the input.
inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace loopstate::fuzz
