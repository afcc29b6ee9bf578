// `bootstrap`: what AWS Lambda starts.
#include "http/client/tls_context.hpp"
#include "lambda/amazon_roots.hpp"
#include "lambda/runtime.hpp"
#include "lambda/start.hpp"
#include "process/privacy.hpp"

namespace loopstate::lambda {
namespace {

int bootstrap() {
  process::keep_memory_private();
  // The system's are not there, or too many; AWS_CA_BUNDLE goes before both.
  http::TlsContext::replace_system_authorities(amazon_roots());
  StartOptions options;
  // What is wrong with it, the runtime says.
  const auto chosen = log::options_from_environment(options.environment, false);
  options.log = log::Logger::to_stderr(chosen.value_or(log::Options{log::Format::Json, log::Level::Info}));
  return run(make_start(std::move(options)), {}, ErrorsLoggedBy::TheHandler);
}

}  // namespace
}  // namespace loopstate::lambda

int main() {
  return loopstate::lambda::bootstrap();
}
