// `bootstrap`: what AWS Lambda starts.
#include "function/amazon_roots.hpp"
#include "function/start.hpp"
#include "http/client/tls_context.hpp"
#include "lambda/runtime.hpp"
#include "process/privacy.hpp"

namespace loopstate::function {
namespace {

int bootstrap() {
  process::keep_memory_private();
  // The system's are missing, or too many; AWS_CA_BUNDLE overrides both.
  http::TlsContext::replace_system_authorities(amazon_roots());
  StartOptions options;
  options.version = LOOPSTATE_VERSION;
  // The runtime reports what is wrong with it.
  const auto chosen = log::options_from_environment(options.environment, false);
  options.log = log::Logger::to_stderr(chosen.value_or(log::Options{log::Format::Json, log::Level::Info}));
  return lambda::run(make_start(std::move(options)), {}, lambda::ErrorsLoggedBy::TheHandler);
}

}  // namespace
}  // namespace loopstate::function

int main() {
  return loopstate::function::bootstrap();
}
