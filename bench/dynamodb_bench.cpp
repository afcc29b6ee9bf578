// What a GetItem costs the client: CPU and latency compared to a bare socket that exchanges the same bytes.
//
//   dynamodb_bench [CALLS]        prints one JSON line for each measurement
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "aws/credential_cache.hpp"
#include "base/timestamp.hpp"
#include "dynamodb/aws_authorizer.hpp"
#include "dynamodb/crc32.hpp"
#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/http_sender.hpp"
#include "dynamodb/requests.hpp"
#include "measure.hpp"
#include "replaying_server.hpp"
#include "table/json/typed_json.hpp"

namespace loopstate::bench {
namespace {

using std::chrono::steady_clock;

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

std::string request_text(std::uint16_t port) {
  const std::string body =
      dynamodb::get_item_body("loopstate", {"USER#user-000001", "CONTEXT"}, table::Consistency::Strong);
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
  print_overrun(open_table(silent.port()));
  return 0;
}

}  // namespace
}  // namespace loopstate::bench

int main(int count, char** arguments) {
  return loopstate::bench::main_of(count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 50'000);
}
