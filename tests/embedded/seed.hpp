// A random seed that a failing test prints and a person can give back: LOOPSTATE_TEST_SEED.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace loopstate::embedded {

inline std::uint64_t test_seed() {
  const char* given = std::getenv("LOOPSTATE_TEST_SEED");  // NOLINT(concurrency-mt-unsafe): only read
  return given != nullptr ? std::stoull(given) : std::random_device{}();
}

/// How often to do something: the variable, or the short form's count.
inline int test_count(const char* variable, int short_form) {
  const char* given = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  return given != nullptr ? std::stoi(given) : short_form;
}

}  // namespace loopstate::embedded
