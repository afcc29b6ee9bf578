// What the agent still holds in its memory once it has answered.
#include <fmt/chrono.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "cli/run_program.hpp"
#include "cli/running_agent.hpp"
#include "crypto/base64.hpp"
#include "http/server/server_fixture.hpp"
#include "webhook/signing.hpp"

namespace loopstate::cli_test {
namespace {

constexpr std::string_view kCard = "sq-1-a-card-id-that-nobody-else-has";
constexpr std::string_view kInBody = "only-the-body-says-this-about-a-coffee";

// Made now: the agent uses the machine's clock, and would not capture an old payment.
std::string payment(std::string_view id) {
  return fmt::format(
      R"({{"merchant_id":"M1","type":"payment.updated","event_id":"e1","note":"{}","data":{{"type":"payment","id":"{}",)"
      R"("object":{{"payment":{{"id":"{}","created_at":"{:%FT%TZ}","amount_money":{{"amount":450,)"
      R"("currency":"EUR"}},"status":"COMPLETED","source_type":"CARD","location_id":"L1","card_details":)"
      R"({{"status":"CAPTURED","card":{{"card_brand":"VISA","last_4":"4242","fingerprint":"{}"}}}}}}}}}}}})",
      kInBody, id, id, std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now()),
      kCard);
}

/// Everything that the process may write to: heap, stacks, data. Nothing if this process may not look.
std::optional<std::string> memory_of(pid_t process) {
  std::ifstream maps(fmt::format("/proc/{}/maps", process));
  std::ifstream memory(fmt::format("/proc/{}/mem", process), std::ios::binary);
  if (!maps || !memory) return std::nullopt;
  std::string all;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t from = 0;
    std::uintptr_t to = 0;
    char dash = 0;
    std::string access;
    std::istringstream(line) >> std::hex >> from >> dash >> to >> access;
    // Not the store's map, most of which is not resident, and which is read-only anyway.
    if (!access.starts_with("rw") || to - from > (std::size_t{256} << 20)) continue;
    std::string part(to - from, '\0');
    memory.clear();
    memory.seekg(static_cast<std::streamoff>(from));
    memory.read(part.data(), static_cast<std::streamsize>(part.size()));
    part.resize(static_cast<std::size_t>(memory.gcount()));
    all += part;
  }
  return all;
}

std::size_t times(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++count;
  return count;
}

class PrivacyTest : public CliTest {
 protected:
  static std::string pepper() {
    std::string bytes = "pepper-";
    while (bytes.size() < 40) bytes += static_cast<char>('A' + bytes.size() % 23);
    return bytes;
  }
  std::string pepper_file() const { return write_file("pepper", crypto::base64_encode(pepper()) + "\n"); }

  static http::Reply deliver(http::RawClient& client, std::string_view id) {
    const auto body = payment(id);
    client.send(
        fmt::format("POST /webhooks/square HTTP/1.1\r\nHost: x\r\nX-Square-HmacSha256-Signature: {}\r\n"
                    "Content-Length: {}\r\n\r\n{}",
                    webhook::square_signature(kSquareKey, kSquareUrl, body), body.size(), body));
    return client.read();
  }
};

TEST_F(PrivacyTest, CardIdsAndBodiesAreGoneFromMemoryOnceTheyAreAnswered) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's frames reach deeper into the stack than what is overwritten of it";
#endif
  const RunningAgent agent(url(), pepper_file());
  http::RawClient client(agent.port());
  for (const auto* id : {"pay-1", "pay-2", "pay-3"}) EXPECT_EQ(deliver(client, id).status, 200);
  http::RawClient stranger(agent.port());
  const auto body = payment("pay-4");
  stranger.send(
      fmt::format("POST /webhooks/square HTTP/1.1\r\nHost: x\r\nX-Square-HmacSha256-Signature: AAAA\r\n"
                  "Content-Length: {}\r\n\r\n{}",
                  body.size(), body));
  EXPECT_EQ(stranger.read().status, 403);
  // A later answer comes after the earlier request was given up.
  EXPECT_EQ(deliver(client, "pay-1").status, 200);
  stranger.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(stranger.read().status, 404);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read().status, 404);
  const auto memory = memory_of(agent.pid());
  if (!memory || memory->empty()) GTEST_SKIP() << "the memory of the agent may not be read: that needs root";
  EXPECT_EQ(times(*memory, kCard), 0u);
  EXPECT_EQ(times(*memory, kInBody), 0u);
}

TEST_F(PrivacyTest, ThePepperIsInMemoryOnce) {
  const RunningAgent agent(url(), pepper_file());
  http::RawClient client(agent.port());
  EXPECT_EQ(deliver(client, "pay-1").status, 200);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read().status, 404);
  const auto memory = memory_of(agent.pid());
  if (!memory || memory->empty()) GTEST_SKIP() << "the memory of the agent may not be read: that needs root";
  EXPECT_EQ(times(*memory, pepper()), 1u);
  EXPECT_EQ(times(*memory, crypto::base64_encode(pepper())), 0u);
}

TEST_F(PrivacyTest, TheAgentLeavesNoCore) {
  const RunningAgent agent(url(), pepper_file());
  rlimit limit{};
  if (prlimit(agent.pid(), RLIMIT_CORE, nullptr, &limit) != 0)
    GTEST_SKIP() << "its limits may not be read: that needs root";
  EXPECT_EQ(limit.rlim_cur, 0u);
  EXPECT_EQ(limit.rlim_max, 0u);
}

}  // namespace
}  // namespace loopstate::cli_test
