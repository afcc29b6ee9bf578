#include "lambda/trace_environment.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace loopstate::lambda {

namespace {

constexpr std::size_t kTraceIdBytesMax = 1023;
constexpr std::string_view kVariable = "_X_AMZN_TRACE_ID=";
/// The environment points here from the first call on.
char trace_variable[kVariable.size() + kTraceIdBytesMax + 1];

}  // namespace

void export_trace_id(std::string_view trace_id) noexcept {
  if (trace_id.size() > kTraceIdBytesMax) trace_id = {};
  char* const value = trace_variable + kVariable.size();
  std::copy(trace_id.begin(), trace_id.end(), value);
  value[trace_id.size()] = '\0';
  static const bool added = [] {
    std::copy(kVariable.begin(), kVariable.end(), trace_variable);
    return ::putenv(trace_variable) == 0;
  }();
  static_cast<void>(added);
}

}  // namespace loopstate::lambda
