// A Lambda function that LOOPSTATE_CRASH_AT kills at an await. TEST_HANDLER chooses what it does with an
// event: "agent" captures a webhook's payment in one transaction; "partner" calls out, at TEST_PARTNER, under
// a claim. TEST_NOW is its time, in Unix seconds.
#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <charconv>
#include <memory>

#include "agent/agent.hpp"
#include "function/function.hpp"
#include "http/client/client.hpp"
#include "loopstate/lambda.hpp"
#include "loopstate/settings.hpp"
#include "open/open_table.hpp"
#include "store/spine/store_access.hpp"
#include "times.hpp"
#include "webhook/settings.hpp"

using namespace loopstate;

namespace {

std::string setting(std::string_view name) {
  return process_environment()(name).value_or("");
}

class GivenClock final : public Clock {
 public:
  Timestamp now() const override { return now_; }

 private:
  static Timestamp read() {
    const std::string text = setting("TEST_NOW");
    std::int64_t now = 0;
    std::from_chars(text.data(), text.data() + text.size(), now);
    return from_unix_seconds(now);
  }
  Timestamp now_ = read();
};

const GivenClock& given_clock() {
  static const GivenClock clock;
  return clock;
}

struct Capturing {
  Capturing(Store store, agent::SettingsPtr settings, const agent::RecorderOptions& options)
      : log(log::Logger::to_stderr({log::Format::Json, log::Level::Info})),
        agent(std::move(store), std::move(settings), options, log),
        function(agent, function_options(), log) {}

  static function::FunctionOptions function_options() {
    function::FunctionOptions made;
    made.wall_ms = [] { return unix_seconds(given_clock().now()) * 1000; };
    return made;
  }

  log::Logger log;
  agent::Agent agent;
  function::Function function;
};

Result<lambda::Handler> capture_payments(Store store) {
  auto settings = agent::AgentSettings::from_environment(process_environment());
  if (!settings) return std::unexpected(std::move(settings.error()));
  agent::RecorderOptions options;
  options.clock = &given_clock();
  auto in_use = std::make_shared<const agent::AgentSettings>(std::move(*settings));
  auto capturing = std::make_shared<Capturing>(std::move(store), std::move(in_use), options);
  return [capturing](lambda::Invocation invocation) {
    return capturing->function.handle(std::move(invocation));
  };
}

/// Somebody else's service: each POST gives a credit; a GET says whether it was given.
struct Partner {
  Store store;
  std::unique_ptr<http::Client> client;
};

Task<Result<std::uint16_t>> ask(std::shared_ptr<Partner> partner, std::string method, std::string id,
                                Deadline deadline) {
  http::ClientRequest request(method, "/credits/" + id);
  auto outcome = co_await partner->client->send(std::move(request), deadline, http::Repeat::Never);
  if (!outcome) co_return std::unexpected(std::move(outcome.error().error));
  co_return outcome->status;
}

/// Gives the credit, unless an earlier holder of the claim did so before it died.
Task<Result<void>> give_credit(std::shared_ptr<Partner> partner, std::string id, bool look_first,
                               Deadline deadline) {
  if (look_first) {
    const auto given = co_await ask(partner, "GET", id, deadline);
    if (!given) co_return std::unexpected(given.error());
    if (*given == 200) co_return Result<void>();
  }
  const auto given = co_await ask(partner, "POST", id, deadline);
  if (!given) co_return std::unexpected(given.error());
  if (*given != 200) co_return fail(ErrorCode::Unavailable, "the partner gave no credit", true);
  co_return Result<void>();
}

/// The event is the payment's id.
Task<Result<std::string>> credit_once(lambda::Invocation invocation, std::shared_ptr<Partner> partner) {
  const auto transaction = TransactionId::parse("partner:" + invocation.event);
  const auto user = UserId::parse("U1");
  CallOptions options;
  options.deadline(invocation.deadline);
  auto claimed = co_await partner->store.claim(*transaction, invocation.event, 60s, LapsedPolicy::Reconcile,
                                               ClaimOptions(options).holder(invocation.request_id));
  if (!claimed) co_return std::unexpected(std::move(claimed.error()));
  if (claimed->done()) co_return "credited before";
  if (!claimed->claim()) {
    co_return fail(ErrorCode::Unavailable, fmt::format("the claim is {}", to_string(claimed->state())), true);
  }
  const bool look_first = claimed->lapsed() != nullptr;
  auto given = co_await give_credit(partner, invocation.event, look_first, invocation.deadline);
  if (!given) co_return std::unexpected(std::move(given.error()));
  auto done = co_await partner->store.complete(*claimed->claim(), *user, 100, "credited", options);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return look_first ? "credited after a look" : "credited";
}

Result<lambda::Handler> credit_payments(Store store) {
  auto endpoint = http::parse_endpoint(setting("TEST_PARTNER"), "TEST_PARTNER");
  if (!endpoint) return std::unexpected(std::move(endpoint.error()));
  auto client = http::Client::create(std::move(*endpoint), {});
  if (!client) return std::unexpected(std::move(client.error()));
  auto partner = std::make_shared<Partner>(std::move(store), std::move(*client));
  return [partner](lambda::Invocation invocation) { return credit_once(std::move(invocation), partner); };
}

Task<Result<lambda::Handler>> start() {
  auto settings = Settings::from_environment(process_environment());
  if (!settings) co_return std::unexpected(std::move(settings.error()));
  auto table = open_table(*settings);
  if (!table) co_return std::unexpected(std::move(table.error()));
  auto store = store::store_over(std::move(*table), settings->store, given_clock());
  co_return setting("TEST_HANDLER") == "agent" ? capture_payments(std::move(store))
                                               : credit_payments(std::move(store));
}

}  // namespace

int main() {
  return lambda::run(start);
}
