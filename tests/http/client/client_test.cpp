#include "http/client/client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <latch>

#include "fault_proxy/blocking_server.hpp"
#include "port/runner.hpp"

namespace loopstate::http {

using testing_net::BlockingServer;
using testing_net::read_message;
using testing_net::tcp;

namespace {

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}
Deadline later() {
  return in(std::chrono::seconds(20));
}

ClientRequest request() {
  ClientRequest out("POST", "/");
  out.body = "hello";
  return out;
}

void write(tcp::socket& socket, std::string_view text) {
  boost::system::error_code ignored;
  boost::asio::write(socket, boost::asio::buffer(text), ignored);
}

/// Answers every request with `kOk`.
void answer_all(tcp::socket& socket, int) {
  std::string buffer;
  while (read_message(socket, buffer)) write(socket, kOk);
}

/// Takes one request, answers, and hangs up on the second.
void answer_one_then_hang_up(tcp::socket& socket, int) {
  std::string buffer;
  if (read_message(socket, buffer)) write(socket, kOk);
  read_message(socket, buffer);
}

/// Reads one request, and then waits for the end.
void never_answer(tcp::socket& socket, int) {
  std::string buffer;
  while (read_message(socket, buffer)) {
  }
}

std::unique_ptr<Client> client_of(const BlockingServer& server, ClientSettings settings = {}) {
  return Client::create({false, "127.0.0.1", server.port()}, std::move(settings)).value();
}

ErrorCode code(const ClientOutcome& outcome) {
  return outcome ? ErrorCode::Internal : outcome.error().error.code;
}

}  // namespace

class ClientTest : public testing::Test {
 protected:
  ClientOutcome send(Client& client, Deadline deadline = later(), Repeat repeat = Repeat::Harmless) {
    return runner.run(client.send(request(), deadline, repeat));
  }
  table::Runner runner{2};
};

TEST_F(ClientTest, OneConnectionServesOneCallAfterTheOther) {
  BlockingServer server(answer_all);
  const auto client = client_of(server);
  for (int at = 0; at < 50; ++at) EXPECT_EQ(send(*client)->body, "ok");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, ItNeverOpensMoreThanItsBound) {
  BlockingServer server(answer_all);
  ClientSettings settings;
  settings.connections_max = 3;
  const auto client = client_of(server, settings);
  std::vector<std::future<ClientOutcome>> calls;
  for (int at = 0; at < 200; ++at) {
    calls.push_back(boost::asio::co_spawn(
        runner.executor(), client->send(request(), later(), Repeat::Harmless), boost::asio::use_future));
  }
  for (auto& call : calls) EXPECT_TRUE(call.get());
  EXPECT_LE(server.connections(), 3);
}

TEST_F(ClientTest, OneCallTooManyIsRefused) {
  BlockingServer server(never_answer);
  ClientSettings settings;
  settings.connections_max = 1;
  settings.waiting_max = 1;
  const auto client = client_of(server, settings);
  boost::asio::io_context loop(1);
  std::vector<std::future<ClientOutcome>> calls;
  for (int at = 0; at < 3; ++at) {
    calls.push_back(boost::asio::co_spawn(
        loop, client->send(request(), in(std::chrono::milliseconds(200)), Repeat::Never),
        boost::asio::use_future));
  }
  loop.run();
  EXPECT_EQ(code(calls[0].get()), ErrorCode::DeadlineExceeded);
  EXPECT_EQ(code(calls[1].get()), ErrorCode::DeadlineExceeded);
  EXPECT_EQ(code(calls[2].get()), ErrorCode::Unavailable);
}

TEST_F(ClientTest, ADeadlineWhileWaitingForTheReplySaysThatItWasSent) {
  BlockingServer server(never_answer);
  const auto client = client_of(server);
  const auto outcome = send(*client, in(std::chrono::milliseconds(100)));
  EXPECT_EQ(code(outcome), ErrorCode::DeadlineExceeded);
  EXPECT_TRUE(outcome.error().sent);
}

TEST_F(ClientTest, WhatMayNotBeSentAnyMoreIsNotSentAndTheConnectionIsKept) {
  std::atomic<int> received = 0;
  BlockingServer server([&](tcp::socket& socket, int) {
    std::string buffer;
    while (read_message(socket, buffer)) {
      ++received;
      write(socket, kOk);
    }
  });
  const auto client = client_of(server);
  ClientRequest late = request();
  late.may_send = [] { return false; };
  const auto outcome = runner.run(client->send(std::move(late), later(), Repeat::Harmless));
  EXPECT_EQ(code(outcome), ErrorCode::Unavailable);
  EXPECT_FALSE(outcome.error().sent);
  EXPECT_EQ(send(*client)->body, "ok");
  EXPECT_EQ(received, 1);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, WhetherItMayBeSentIsAskedAgainBeforeASecondSending) {
  BlockingServer server(answer_one_then_hang_up);
  const auto client = client_of(server);
  EXPECT_TRUE(send(*client));
  ClientRequest once = request();
  int asked = 0;
  once.may_send = [&asked] { return ++asked == 1; };
  const auto outcome = runner.run(client->send(std::move(once), later(), Repeat::Harmless));
  EXPECT_EQ(code(outcome), ErrorCode::Unavailable);
  EXPECT_TRUE(outcome.error().sent) << "the first time";
  EXPECT_EQ(asked, 2);
}

TEST_F(ClientTest, ADeadlineThatIsOverSendsNothing) {
  BlockingServer server(answer_all);
  const auto client = client_of(server);
  const auto outcome = send(*client, in(std::chrono::milliseconds(-1)));
  EXPECT_EQ(code(outcome), ErrorCode::DeadlineExceeded);
  EXPECT_FALSE(outcome.error().sent);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(ClientTest, AReusedConnectionThatWasClosedIsReplacedOnce) {
  BlockingServer server(answer_one_then_hang_up);
  const auto client = client_of(server);
  EXPECT_TRUE(send(*client));
  EXPECT_TRUE(send(*client));
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ClientTest, TheReplyToASecondSendingSaysThatItWasSentBefore) {
  BlockingServer server(answer_one_then_hang_up);
  const auto client = client_of(server);
  EXPECT_FALSE(send(*client)->sent_before);
  EXPECT_TRUE(send(*client)->sent_before);
}

TEST_F(ClientTest, AFreshConnectionThatFailsIsNotTriedAgain) {
  BlockingServer server([](tcp::socket& socket, int) {
    std::string buffer;
    read_message(socket, buffer);
  });
  const auto client = client_of(server);
  const auto outcome = send(*client);
  EXPECT_EQ(code(outcome), ErrorCode::ConnectionFailed);
  EXPECT_TRUE(outcome.error().sent);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, WhatMustNotBeRepeatedIsNot) {
  BlockingServer server(answer_one_then_hang_up);
  const auto client = client_of(server);
  EXPECT_TRUE(send(*client));
  const auto outcome = send(*client, later(), Repeat::Never);
  EXPECT_EQ(code(outcome), ErrorCode::ConnectionFailed);
  EXPECT_TRUE(outcome.error().sent);
}

TEST_F(ClientTest, ARefusedConnectionSaysWhere) {
  std::uint16_t port = 0;
  {
    BlockingServer gone(answer_all);
    port = gone.port();
  }
  const auto client = Client::create({false, "127.0.0.1", port}, {}).value();
  const auto outcome = send(*client);
  EXPECT_EQ(code(outcome), ErrorCode::ConnectionFailed);
  EXPECT_FALSE(outcome.error().sent);
  EXPECT_NE(outcome.error().error.message.find(std::to_string(port)), std::string::npos);
}

TEST_F(ClientTest, ANameThatIsNotThereSaysSo) {
  const auto client = Client::create({false, "no-such-host.invalid", 80}, {}).value();
  const auto outcome = send(*client);
  EXPECT_EQ(code(outcome), ErrorCode::NameResolutionFailed);
  EXPECT_NE(outcome.error().error.message.find("no-such-host.invalid"), std::string::npos);
}

// Many share one look-up, and the first failure to connect causes another one while they wait.
TEST_F(ClientTest, CallsThatShareALookUpGoToItsAddressesHoweverManyConnectsFail) {
  std::uint16_t port = 0;
  {
    BlockingServer gone(answer_all);
    port = gone.port();
  }
  ClientSettings settings;
  settings.connections_max = 8;
  const auto client = Client::create({false, "localhost", port}, settings).value();
  std::vector<std::future<ClientOutcome>> calls;
  for (int at = 0; at < 400; ++at) {
    calls.push_back(boost::asio::co_spawn(
        runner.executor(), client->send(request(), later(), Repeat::Harmless), boost::asio::use_future));
  }
  for (auto& call : calls) {
    const ClientOutcome outcome = call.get();
    ASSERT_EQ(code(outcome), ErrorCode::ConnectionFailed);
    const std::string& message = outcome.error().error.message;
    EXPECT_TRUE(message.find(" at 127.0.0.1:") != std::string::npos ||
                message.find(" at ::1:") != std::string::npos)
        << message;
  }
}

TEST_F(ClientTest, NamesAreLookedUp) {
  BlockingServer server(answer_all);
  const auto client = Client::create({false, "localhost", server.port()}, {}).value();
  EXPECT_TRUE(send(*client));
}

TEST_F(ClientTest, CancellingACallEndsIt) {
  std::latch sent(1);
  BlockingServer server([&](tcp::socket& socket, int) {
    std::string buffer;
    if (read_message(socket, buffer)) sent.count_down();
    read_message(socket, buffer);
  });
  const auto client = client_of(server);
  boost::asio::io_context loop(1);
  boost::asio::cancellation_signal signal;
  std::optional<ClientOutcome> outcome;
  boost::asio::co_spawn(
      loop, client->send(request(), later(), Repeat::Harmless),
      boost::asio::bind_cancellation_slot(
          signal.slot(), [&](std::exception_ptr, ClientOutcome got) { outcome = std::move(got); }));
  std::thread canceller([&] {
    sent.wait();
    boost::asio::post(loop, [&] { signal.emit(boost::asio::cancellation_type::terminal); });
  });
  loop.run();
  canceller.join();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(code(*outcome), ErrorCode::Cancelled);
  EXPECT_TRUE(outcome->error().sent);
}

TEST_F(ClientTest, WarmingUpOpensAConnectionThatTheNextCallUses) {
  BlockingServer server(answer_all);
  const auto client = client_of(server);
  EXPECT_TRUE(runner.run(client->warm_up(later())));
  EXPECT_TRUE(runner.run(client->warm_up(later())));
  EXPECT_TRUE(send(*client));
  EXPECT_EQ(client->connections_opened(), 1u);
}

TEST_F(ClientTest, EachEventLoopHasItsOwnConnectionsAndMayGoBeforeTheClient) {
  BlockingServer server(answer_all);
  const auto client = client_of(server);
  for (int at = 0; at < 3; ++at) {
    boost::asio::io_context loop(1);
    auto call = boost::asio::co_spawn(loop, client->send(request(), later(), Repeat::Harmless),
                                      boost::asio::use_future);
    loop.run();
    EXPECT_TRUE(call.get());
  }
  EXPECT_EQ(client->connections_opened(), 3u);
}

TEST_F(ClientTest, AnEventLoopMayGoWithCallsInFlight) {
  BlockingServer server(never_answer);
  ClientSettings settings;
  settings.connections_max = 1;
  const auto client = client_of(server, settings);
  boost::asio::io_context loop(1);
  for (int at = 0; at < 3; ++at) {
    boost::asio::co_spawn(loop, client->send(request(), later(), Repeat::Harmless),
                          [](std::exception_ptr, ClientOutcome) {});
  }
  while (client->connections_opened() == 0) loop.run_one();
}

TEST_F(ClientTest, AnEventLoopMayGoWhileCallsWaitInLineForAConnection) {
  ClientSettings settings;
  settings.connections_max = 1;
  for (const bool loop_had_sockets : {false, true}) {
    std::latch sent(1);
    BlockingServer server([&](tcp::socket& socket, int) {
      std::string buffer;
      if (read_message(socket, buffer)) sent.count_down();
      read_message(socket, buffer);
    });
    const auto client = client_of(server, settings);
    boost::asio::io_context loop(1);
    // The parts of a loop are destroyed in the order in which they were first used.
    if (loop_had_sockets) const tcp::socket other(loop, tcp::v4());
    for (int at = 0; at < 5; ++at) {
      boost::asio::co_spawn(loop, client->send(request(), later(), Repeat::Harmless),
                            [](std::exception_ptr, ClientOutcome) {});
    }
    while (loop.poll() > 0 || !sent.try_wait()) {
    }
  }
}

TEST_F(ClientTest, TheClientMayGoWithCallsInFlight) {
  std::latch sent(1);
  std::latch go(1);
  BlockingServer server([&](tcp::socket& socket, int) {
    std::string buffer;
    if (!read_message(socket, buffer)) return;
    sent.count_down();
    go.wait();
    write(socket, kOk);
  });
  auto client = client_of(server);
  auto call = boost::asio::co_spawn(runner.executor(), client->send(request(), later(), Repeat::Harmless),
                                    boost::asio::use_future);
  sent.wait();
  client.reset();
  go.count_down();
  EXPECT_TRUE(call.get());
}

TEST_F(ClientTest, ALargeRequestAndReplyGoThrough) {
  const std::string large(8 << 20, 'x');
  BlockingServer server([&](tcp::socket& socket, int) {
    std::string buffer;
    while (auto message = read_message(socket, buffer)) {
      write(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(message->body.size()) +
                        "\r\n\r\n" + message->body);
    }
  });
  const auto client = client_of(server);
  ClientRequest big("POST", "/");
  big.body = large;
  const auto outcome = runner.run(client->send(std::move(big), later(), Repeat::Harmless));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->body, large);
}

}  // namespace loopstate::http
