// The test handler as a Lambda function.
#include "lambda/test_handler.hpp"

using namespace loopstate;

namespace {

Task<Result<lambda::Handler>> start() {
  const auto state = std::make_shared<lambda::TestHandlerState>();
  co_return [state](lambda::Invocation invocation) { return lambda::behave(std::move(invocation), state); };
}

}  // namespace

int main() {
  return lambda::run(start);
}
