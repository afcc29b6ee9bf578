// The agent behind its HTTP interface, and the whole over a real socket.
#include "agent/http_endpoint.hpp"

#include "agent_fixture.hpp"
#include "http/server/server_fixture.hpp"

namespace loopstate::agent {
namespace {

using testing::HasSubstr;

class EndpointTest : public AgentTest {
 protected:
  http::ServerResponse ask(std::string method, std::string target) {
    http::ServerRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    return runner.run(endpoint.respond(std::move(request)));
  }

  http::ServerResponse ask_admin(std::string method, std::string target) {
    http::ServerRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    return runner.run(endpoint.respond_admin(std::move(request)));
  }

  static std::string header(const http::ServerResponse& response, std::string_view name) {
    for (const auto& entry : response.headers) {
      if (entry.name == name) return entry.value;
    }
    return "";
  }

  HttpEndpoint endpoint{agent, [] { return unix_seconds(kNow) * 1000; }};
};

TEST_F(EndpointTest, DeliversWithTheRequestsHeadersAndBody) {
  link("sq0-card", "U1");
  http::ServerRequest request;
  request.method = "POST";
  request.target = "/webhooks/square?x=1";
  request.body = square_payment({});
  request.headers.push_back(
      {"X-Square-HmacSha256-Signature", webhook::square_signature(kSquareKey, kSquareUrl, request.body)});
  const auto response = runner.run(endpoint.respond(std::move(request)));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("\"outcome\":\"recorded\""));
  EXPECT_NE(header(response, "X-Request-Id"), "");
  EXPECT_THAT(log_lines().back(), HasSubstr(header(response, "X-Request-Id")));
}

TEST_F(EndpointTest, UnknownPathsAre404AndWrongMethods405) {
  EXPECT_EQ(ask("GET", "/").status, 404);
  EXPECT_EQ(ask("POST", "/webhooks/paypal").status, 404);
  const auto wrong = ask("GET", "/webhooks/square");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(header(wrong, "Allow"), "POST");
  EXPECT_EQ(ask_admin("BREW", "/metrics").status, 405);
  EXPECT_EQ(ask_admin("GET", "/").status, 404);
}

TEST_F(EndpointTest, AnUnknownPathIsAnsweredWithTheOnesThereAre) {
  for (const auto* provider : {"square", "stripe", "fidel"}) {
    EXPECT_THAT(ask("POST", "/webhooks/sqare").body, HasSubstr(std::string("POST /webhooks/") + provider));
  }
  EXPECT_THAT(ask_admin("GET", "/health").body, HasSubstr("GET /healthz"));
  EXPECT_THAT(ask_admin("GET", "/health").body, HasSubstr("GET /metrics"));
}

TEST_F(EndpointTest, MisdirectedRequestsAreCounted) {
  ask("GET", "/");
  ask("GET", "/metrics");
  ask("GET", "/webhooks/square");
  ask_admin("GET", "/login");
  const auto metrics = ask_admin("GET", "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("loopstate_http_misdirected_total{status=\"404\"} 3\n"));
  EXPECT_THAT(metrics, HasSubstr("loopstate_http_misdirected_total{status=\"405\"} 1\n"));
}

TEST_F(EndpointTest, HealthAndMetricsAreNotForEverybody) {
  EXPECT_EQ(ask("GET", "/healthz").status, 404);
  EXPECT_EQ(ask("GET", "/metrics").status, 404);
  EXPECT_EQ(ask_admin("POST", "/webhooks/square").status, 404);
}

TEST_F(EndpointTest, HealthMeansThatAPaymentCouldBeWrittenNow) {
  EXPECT_EQ(ask_admin("GET", "/healthz").status, 200);
  pass_a_second();
  model->fail_writes(1);
  const auto ill = ask_admin("GET", "/healthz");
  EXPECT_EQ(ill.status, 503);
  EXPECT_THAT(ill.body, HasSubstr("\"error\":\"Unavailable\""));
}

TEST_F(EndpointTest, HealthIsWrittenAtMostOnceASecondHoweverOftenItIsAsked) {
  EXPECT_EQ(ask_admin("GET", "/healthz").status, 200);
  model->clear_log();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ask_admin("GET", "/healthz").status, 200);
  EXPECT_EQ(model->calls(), 0u);
  pass_a_second();
  EXPECT_EQ(ask_admin("GET", "/healthz").status, 200);
  EXPECT_EQ(model->calls(), 2u) << "one write, and one look at the pepper's check value";
}

TEST_F(EndpointTest, MetricsAreOfThePrometheusTextFormat) {
  const auto response = ask_admin("GET", "/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr("# TYPE loopstate_deliveries_total counter\n"));
}

TEST_F(EndpointTest, ABusyStoreIs503WithRetryAfterOnTheWire) {
  link("sq0-card", "U1");
  http::RunningServer running(
      {}, [this](http::ServerRequest request) { return endpoint.respond(std::move(request)); });
  model->fail_reads(1000);
  http::RawClient client(running.port());
  const auto body = square_payment({});
  const auto request = fmt::format(
      "POST /webhooks/square HTTP/1.1\r\nHost: x\r\nx-square-hmacsha256-signature: {}\r\n"
      "Content-Length: {}\r\n\r\n{}",
      webhook::square_signature(kSquareKey, kSquareUrl, body), body.size(), body);
  client.send(request);
  const auto busy = client.read();
  EXPECT_EQ(busy.status, 503);
  EXPECT_TRUE(busy.has("Retry-After: 5"));
  model->fail_reads(0);
  client.send(request);
  EXPECT_THAT(client.read().body, HasSubstr("recorded"));
  client.send(request);
  EXPECT_THAT(client.read().body, HasSubstr("duplicate"));
}

}  // namespace
}  // namespace loopstate::agent
