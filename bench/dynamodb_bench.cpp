// What a GetItem costs the client: CPU and latency beside a bare socket that sends and takes the same bytes.
//
//   dynamodb_bench [CALLS]        prints one JSON line for each measurement
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "aws/credential_cache.hpp"
#include "base/timestamp.hpp"
#include "dynamodb/aws_authorizer.hpp"
#include "dynamodb/crc32.hpp"
#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/http_sender.hpp"
#include "dynamodb/replaying_server.hpp"
#include "dynamodb/requests.hpp"
#include "table/json/typed_json.hpp"

namespace loopstate::bench {
namespace {

using std::chrono::steady_clock;

double cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

/// A context of about 1.5 KB, as the table has it.
table::Item context_item() {
  std::string events;
  for (int at = 0; at < 9; ++at) {
    events += fmt::format(
        R"({}{{"event_type":"capture","timestamp":{},"summary":"Coffee at merchant {:04}","amount":{}}})",
        at == 0 ? "" : ",", 1'700'000'000 - at * 3600, at, 425 + at);
  }
  const std::string context = fmt::format(
      R"({{"pubkey":"user-000001","vault":{{"cred_balance":0,"oxo_balance":0,"total_staked":0,"pending_yield":0,)"
      R"("active_positions":0,"snapshot_at":0}},"preferences":{{"auto_stake":true,"default_duration_days":90,)"
      R"("auto_compound":true,"compound_threshold":10000000000,"risk_tolerance":"balanced","notifications":)"
      R"({{"on_capture":true,"on_stake":false,"on_yield":true,"on_unlock":true,"min_notify_amount":1000000000}}}},)"
      R"("recent_events":[{}],"agent_memory":{{}},"updated_at":1700000000,"version":12}})",
      events);
  return {{"USER#user-000001", "CONTEXT"},
          {{"context_data", context},
           {"version", table::Value::number(std::uint64_t{12})},
           {"updated_at", table::Value::number(std::int64_t{1'700'000'000})}}};
}

std::string reply_text() {
  std::string body = R"({"Item":)";
  table::append_item(body, context_item());
  body += '}';
  return fmt::format(
      "HTTP/1.1 200 OK\r\nServer: Server\r\nDate: Wed, 25 Nov 2026 08:19:13 GMT\r\nContent-Type: "
      "application/x-amz-json-1.0\r\nContent-Length: {}\r\nConnection: keep-alive\r\nx-amzn-RequestId: "
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQ\r\nx-amz-crc32: {}\r\n\r\n{}",
      body.size(), dynamodb::crc32(body), body);
}

struct Figures {
  double cpu_us = 0, p50_us = 0, p99_us = 0, calls_per_second = 0;
};

void print(std::string_view what, std::size_t concurrency, const Figures& figures) {
  fmt::print(
      R"({{"bench":"{}","concurrency":{},"cpu_us":{:.1f},"p50_us":{:.1f},"p99_us":{:.1f},"calls_per_second":{:.0f}}})"
      "\n",
      what, concurrency, figures.cpu_us, figures.p50_us, figures.p99_us, figures.calls_per_second);
  std::fflush(stdout);
}

/// `run` makes the calls and notes how long each took.
Figures measure(std::size_t calls, const std::function<void(std::size_t, std::vector<double>&)>& run) {
  std::vector<double> warm;
  run(std::min<std::size_t>(calls / 10 + 1, 2000), warm);
  std::vector<double> took;
  took.reserve(calls);
  const double cpu = cpu_us();
  const auto begin = steady_clock::now();
  run(calls, took);
  const std::chrono::duration<double> wall = steady_clock::now() - begin;
  Figures out;
  out.cpu_us = (cpu_us() - cpu) / static_cast<double>(calls);
  std::ranges::sort(took);
  out.p50_us = took[took.size() / 2];
  out.p99_us = took[took.size() * 99 / 100];
  out.calls_per_second = static_cast<double>(calls) / wall.count();
  return out;
}

double since_us(steady_clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(steady_clock::now() - begin).count();
}

/// Blocking, and nothing looked at but the length.
void bare_socket(std::uint16_t port, const std::string& request, std::size_t reply_bytes, std::size_t calls,
                 std::vector<double>& took) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::exit(1);
  std::vector<char> buffer(65536);
  for (std::size_t at = 0; at < calls; ++at) {
    const auto begin = steady_clock::now();
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::exit(1);
    for (std::size_t got = 0; got < reply_bytes;) {
      const ssize_t more = recv(fd, buffer.data(), buffer.size(), 0);
      if (more <= 0) std::exit(1);
      got += static_cast<std::size_t>(more);
    }
    took.push_back(since_us(begin));
  }
  close(fd);
}

/// Calls one after the other until none are left; several of these share `left`.
template <typename Call>
Task<void> caller(Call call, std::size_t& left, std::vector<double>& took) {
  while (left > 0) {
    --left;
    const auto begin = steady_clock::now();
    const bool good = co_await call();
    if (!good) {
      fmt::print(stderr, "a call failed\n");
      std::exit(1);
    }
    took.push_back(since_us(begin));
  }
}

template <typename Call>
auto runner(std::size_t concurrency, Call call) {
  return [concurrency, call](std::size_t calls, std::vector<double>& took) {
    boost::asio::io_context loop(1);
    std::size_t left = calls;
    for (std::size_t at = 0; at < concurrency; ++at) {
      boost::asio::co_spawn(loop, caller(call, left, took), boost::asio::detached);
    }
    loop.run();
  };
}

std::string request_text(std::uint16_t port) {
  const std::string body = dynamodb::get_item_body("loopstate", {"USER#user-000001", "CONTEXT"});
  return fmt::format(
      "POST / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: "
      "DynamoDB_20120810.GetItem\r\nAccept-Encoding: identity\r\namz-sdk-invocation-id: "
      "00000000-0000-4000-8000-000000000000\r\namz-sdk-request: attempt=1; max=4\r\nX-Amz-Date: "
      "20261125T081913Z\r\nAuthorization: AWS4-HMAC-SHA256 "
      "Credential=AKIDEXAMPLE/20261125/us-east-1/dynamodb/"
      "aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
      "Signature={}\r\nContent-Length: "
      "{}\r\n\r\n{}",
      port, std::string(64, '0'), body.size(), body);
}

/// Signed as for the service.
std::shared_ptr<dynamodb::DynamoDbTable> open_table(std::uint16_t port) {
  const http::Endpoint endpoint{false, "127.0.0.1", port};
  auto credentials = std::make_shared<aws::Credentials>();
  credentials->access_key_id = "AKIDEXAMPLE";
  credentials->secret_access_key = crypto::Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  auto cache = std::make_shared<aws::CredentialCache>(aws::make_static_source(std::move(credentials)));
  std::shared_ptr<dynamodb::Authorizer> authorizer =
      dynamodb::make_aws_authorizer(std::move(cache), "us-east-1");
  std::shared_ptr<http::Client> client = http::Client::create(endpoint, {}).value();
  auto sender = std::make_shared<dynamodb::HttpSender>(client, endpoint, authorizer);
  dynamodb::TableSettings settings;
  settings.table = "loopstate";
  return dynamodb::DynamoDbTable::create(settings, sender).value();
}

Task<bool> get_context(std::shared_ptr<dynamodb::DynamoDbTable> table) {
  table::Key key{"USER#user-000001", "CONTEXT"};
  table::Call call{from_unix_seconds(1'700'000'000), steady_clock::now() + std::chrono::seconds(10)};
  const auto item = co_await table->get(std::move(key), call);
  co_return item && item->has_value();
}

/// Calls that nobody answers: how long after their deadline they end.
Task<void> late_caller(std::shared_ptr<dynamodb::DynamoDbTable> table, std::vector<double>& late) {
  for (int at = 0; at < 10; ++at) {
    table::Key key{"USER#user-000001", "CONTEXT"};
    const auto deadline = steady_clock::now() + std::chrono::milliseconds(50 + at * 7);
    table::Call call{from_unix_seconds(1'700'000'000), deadline};
    const auto item = co_await table->get(std::move(key), call);
    if (!item) late.push_back(since_us(deadline));
  }
}

void print_overrun(std::uint16_t port) {
  const auto table = open_table(port);
  boost::asio::io_context loop(1);
  std::vector<double> late;
  for (int at = 0; at < 200; ++at)
    boost::asio::co_spawn(loop, late_caller(table, late), boost::asio::detached);
  loop.run();
  std::ranges::sort(late);
  fmt::print(R"({{"bench":"deadline overrun","calls":{},"p50_us":{:.0f},"p99_us":{:.0f},"max_us":{:.0f}}})"
             "\n",
             late.size(), late[late.size() / 2], late[late.size() * 99 / 100], late.back());
}

int main_of(std::size_t calls) {
  const std::string reply = reply_text();
  const ReplayingServer server(reply);
  const ReplayingServer silent("");
  const std::string request = request_text(server.port());
  print("bare socket", 1, measure(calls, [&](std::size_t count, std::vector<double>& took) {
          bare_socket(server.port(), request, reply.size(), count, took);
        }));
  const auto table = open_table(server.port());
  for (const std::size_t concurrency : {1, 8, 64}) {
    print("table get", concurrency,
          measure(calls, runner(concurrency, [table] { return get_context(table); })));
  }
  print_overrun(silent.port());
  return 0;
}

}  // namespace
}  // namespace loopstate::bench

int main(int count, char** arguments) {
  return loopstate::bench::main_of(count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 50'000);
}
