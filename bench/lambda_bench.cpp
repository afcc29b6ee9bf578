// What the Lambda function costs: its start, its first read, a capture when cold and when warm, its memory;
// and for comparison the requests of the Rust crate's handler, one after the other.
//
//   tools/dynamodb-server run build/lambda_bench [STARTS]     prints a JSON line for each
//
// Everything runs on this machine, including the DynamoDB server; the proxy in front of it adds 3 ms to each
// request where the line says so. A user has 4 to 9 captures pending when another comes, or the ring's 10, so
// that the oldest is dropped: one operation more, and everything else at its largest.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <vector>

#include "bootstrap/bootstrap_fixture.hpp"
#include "http/client/test_authority.hpp"
#include "lambda/runtime_api_stub.hpp"

namespace loopstate::function {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kNetwork{3};
constexpr int kUsers = 720;
/// What each user has pending before anything is measured.
constexpr int kPendingBefore = 4;
constexpr int kFullRingBefore = 120;
/// Each of these users gets one capture for which the process has to read the user, then warm ones up to 10.
constexpr int kWarmUsers = 40;
constexpr int kWarmOfEach = 5;
constexpr int kMemoryCaptures = 1'000;

constexpr std::string_view kFullRingCard = "sq0-full";

using Times = std::vector<double>;  // ms

double since(steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - start).count();
}

double percentile(Times times, double share) {
  std::ranges::sort(times);
  return times[std::min(times.size() - 1,
                        static_cast<std::size_t>(share * static_cast<double>(times.size())))];
}

void print(std::string_view what, const Times& times, std::string_view more = "") {
  fmt::print(R"({{"what":"{}","n":{},"p50_ms":{:.2f},"p90_ms":{:.2f},"max_ms":{:.2f}{}}})"
             "\n",
             what, times.size(), percentile(times, 0.5), percentile(times, 0.9), std::ranges::max(times),
             more);
  std::fflush(stdout);
}

std::string of_it(const Times& upstream) {
  return fmt::format(R"(,"of_it_dynamodb_server_p50_ms":{:.2f})", percentile(upstream, 0.5));
}

std::string card_of(int user) {
  return fmt::format("sq0-card-{}", user);
}

std::string payment_event(std::string_view id, std::string_view card) {
  return square_event("function-url", fresh_square_payment(id, card));
}

/// A process, what it polls, and the table behind it.
class World {
 public:
  World(FunctionTable& table, ProxyOptions options) : table_(table), proxy_(table.endpoint(), options) {
    environment_ = function_environment(table.name(), proxy_.endpoint());
  }

  std::map<std::string, std::string>& environment() { return environment_; }
  CountingProxy& proxy() { return proxy_; }
  RuntimeApiStub& stub() { return *stub_; }
  ChildProcess& process() { return *process_; }

  /// A new process; `event`, if there is one, waits for its first poll.
  void start(const std::string& event = "") {
    process_.reset();
    stub_ = std::make_unique<RuntimeApiStub>();
    if (!event.empty()) stub_->add_event("first", event);
    environment_["AWS_LAMBDA_RUNTIME_API"] = stub_->address();
    process_ = std::make_unique<ChildProcess>(built_program("bootstrap"), environment_, folder_.file("log"));
  }

  /// A payment with this card, which must be recorded; ms from the event to its reply.
  double capture(std::string_view card) {
    const auto id = fmt::format("p{}", ++captures_);
    const auto event = payment_event(fmt::format("{}-{}", proxy_.port(), id), card);
    stub_->wait_until_waiting(1);
    const auto begun = steady_clock::now();
    stub_->add_event(id, event);
    const auto replies = stub_->wait_for("/" + id + "/response", 1);
    const double took = since(begun);
    if (replies.empty() || !replies[0].body.contains("recorded")) {
      fmt::print(stderr, "not recorded: {}\n{}\n", replies.empty() ? "" : replies[0].body,
                 text_of_file(folder_.file("log")));
      std::exit(1);
    }
    return took;
  }

  const TemporaryFolder& folder() const { return folder_; }

 private:
  FunctionTable& table_;
  CountingProxy proxy_;
  TemporaryFolder folder_;
  std::map<std::string, std::string> environment_;
  std::unique_ptr<RuntimeApiStub> stub_;
  std::unique_ptr<ChildProcess> process_;
  int captures_ = 0;
};

void measure_starts(FunctionTable& table, int starts) {
  const http::TestAuthority authority;
  const auto identity = authority.issue("DNS:localhost");
  World world(table, {milliseconds(0), identity.certificate, identity.key});
  std::ofstream(world.folder().file("authority.pem")) << authority.certificate();
  world.environment()["AWS_ENDPOINT_URL_DYNAMODB"] =
      "https://localhost:" + std::to_string(world.proxy().port());
  world.environment()["AWS_CA_BUNDLE"] = world.folder().file("authority.pem");

  Times polls;
  for (int at = 0; at < starts; ++at) {
    const auto begun = steady_clock::now();
    world.start();
    world.stub().wait_until_waiting(1);
    polls.push_back(since(begun));
  }
  print("exec to first poll, connected over TLS", polls,
        fmt::format(R"(,"resident_kb":{})", world.process().resident_kilobytes()));

  // GET /healthz writes one small row.
  auto health = with(square_event("function-url", "{}"), "POST", "GET");
  health = with(health, "/webhooks/square", "/healthz");
  Times reads;
  for (int at = 0; at < starts; ++at) {
    const auto begun = steady_clock::now();
    world.start(health);
    const auto replies = world.stub().wait_for("/first/response", 1);
    reads.push_back(since(begun));
    if (replies.empty() || !replies[0].body.contains(R"("statusCode":200)")) std::exit(1);
  }
  print("exec to the reply of a first write over TLS", reads);
}

/// The first capture of each of `starts` processes.
void measure_cold(World& world, std::string_view what, int starts, auto card_at) {
  Times times;
  Times upstream;
  for (int at = 0; at < starts; ++at) {
    world.start();
    world.stub().wait_until_waiting(1);
    world.proxy().take_upstream_time();
    times.push_back(world.capture(card_at(at)));
    upstream.push_back(world.proxy().take_upstream_time().count());
  }
  print(what, times, of_it(upstream));
}

void measure_captures(FunctionTable& table, int starts) {
  World world(table, {kNetwork, "", ""});
  measure_cold(world, "cold capture, 3 ms a request", starts, card_of);
  measure_cold(world, "cold capture with a full ring, 3 ms a request", starts,
               [](int) { return kFullRingCard; });

  Times warm;
  Times upstream;
  const auto measure = [&](std::string_view card) {
    world.proxy().take_upstream_time();
    warm.push_back(world.capture(card));
    upstream.push_back(world.proxy().take_upstream_time().count());
  };
  for (int user = kUsers - kWarmUsers; user < kUsers; ++user) {
    world.capture(card_of(user));
    for (int at = 0; at < kWarmOfEach; ++at) measure(card_of(user));
  }
  print("warm capture, 3 ms a request", std::exchange(warm, {}), of_it(std::exchange(upstream, {})));
  for (int at = 0; at < kWarmUsers * kWarmOfEach; ++at) measure(kFullRingCard);
  print("warm capture with a full ring, 3 ms a request", warm, of_it(upstream));
}

void measure_memory(FunctionTable& table) {
  World world(table, {});
  world.start();
  Times times;
  for (int at = 0; at < kMemoryCaptures; ++at) times.push_back(world.capture(kFullRingCard));
  print("warm capture with a full ring, nothing added", times,
        fmt::format(R"(,"resident_kb":{})", world.process().resident_kilobytes()));
}

/// What the Rust crate's handler would call for one purchase, one after the other: look up the card, check
/// whether the payment was seen, fetch the context, list what is pending, store the capture, store the
/// context, mark the payment, read the location.
Task<void> rust_sequence(std::shared_ptr<dynamodb::DynamoDbTable> table, int number, Times* times) {
  table::Call call;
  call.now = machine_time();
  const auto begun = steady_clock::now();
  table::Key card{"CARD#" + agent::fingerprint_of(card_of(0)).text(), "META"};
  co_await table->get(card, call);
  table::Key seen{fmt::format("TXN#rust-{}", number), "PROCESSED"};
  co_await table->get(seen, call);
  table::Key context{"USER#rust", "CONTEXT"};
  co_await table->get(context, call);
  table::Query pending;
  pending.pk = "USER#rust";
  pending.range.prefix = "PENDING#";
  co_await table->query(pending, call);
  for (const auto& [pk, sk] :
       {std::pair<std::string, std::string>("USER#rust", fmt::format("PENDING#{:020}", number)),
        {"USER#rust", "CONTEXT"},
        {seen.pk, seen.sk}}) {
    table::Put put;
    put.item.key = {pk, sk};
    co_await table->put(put, call);
  }
  table::Key location{"USER#rust", "LOCATION"};
  co_await table->get(location, call);
  times->push_back(since(begun));
}

void measure_rust_sequence(FunctionTable& table) {
  CountingProxy proxy(table.endpoint(), {kNetwork, "", ""});
  dynamodb::TableSettings settings;
  settings.table = table.name();
  const auto server = dynamodb::open_on_server(proxy.endpoint(), settings);
  table::Runner runner;
  Times times;
  for (int at = 0; at < 100; ++at) runner.run(rust_sequence(server.table, at, &times));
  print("the Rust crate's eight requests in turn, 3 ms a request", times);
}

int run(int starts) {
  FunctionTable table;
  table.link(kFullRingCard, "full");
  for (int user = 0; user < kUsers; ++user) table.link(card_of(user), fmt::format("U{}", user));
  {
    World before(table, {});
    before.start();
    for (int at = 0; at < kFullRingBefore; ++at) before.capture(kFullRingCard);
    for (int at = 0; at < kPendingBefore; ++at) {
      before.start();  // it holds nothing, so these come in cold
      for (int user = 0; user < kUsers; ++user) before.capture(card_of(user));
    }
  }
  measure_starts(table, starts);
  measure_captures(table, std::min(starts, kUsers - kWarmUsers));
  measure_rust_sequence(table);
  measure_memory(table);
  return 0;
}

}  // namespace
}  // namespace loopstate::function

int main(int count, char** words) {
  return loopstate::function::run(count > 1 ? std::atoi(words[1]) : 50);
}
