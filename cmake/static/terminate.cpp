// libstdc++'s own handler for an uncaught exception names its type, and brings in 48 KB of demangler
// for that. The programs catch what can be caught in main(), so this one only says that it happened.
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace __gnu_cxx {  // NOLINT(bugprone-reserved-identifier): the name that libstdc++ looks for

void __verbose_terminate_handler() {  // NOLINT(bugprone-reserved-identifier,misc-use-internal-linkage)
  constexpr std::string_view kMessage = "bootstrap: ended by an exception that nobody caught\n";
  const auto written = write(STDERR_FILENO, kMessage.data(), kMessage.size());
  (void)written;
  std::abort();
}

}  // namespace __gnu_cxx
