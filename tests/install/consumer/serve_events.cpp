// A function on AWS Lambda that answers every event with itself.
#include <loopstate/lambda.hpp>

#include <boost/asio/awaitable.hpp>

using namespace loopstate;

namespace {

Task<Result<std::string>> echo(lambda::Invocation invocation) {
  co_return std::move(invocation.event);
}

Task<Result<lambda::Handler>> start() {
  co_return lambda::Handler(echo);
}

}  // namespace

int main() {
  return lambda::run(start);
}
