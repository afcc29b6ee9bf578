#include "function/crash_fixture.hpp"

#include <csignal>
#include <set>
#include <thread>

#include "crypto/base64.hpp"
#include "function/events.hpp"
#include "json/view.hpp"

namespace loopstate::function {

namespace {

constexpr std::uint64_t kSitesMin = 20;
constexpr std::uint64_t kSitesMax = 500;
constexpr int kKilled = 128 + SIGKILL;
/// Longer than the claim's lease.
constexpr std::chrono::seconds kBetweenDeliveries{120};

using testing_net::Message;
using testing_net::tcp;

std::string webhook_event(const std::string& body) {
  return event("function-url",
               {{"@SIGNATURE@", webhook::square_signature(agent::kSquareKey, agent::kSquareUrl, body)},
                {"@BODY_BASE64@", crypto::base64_encode(body)}});
}

/// The reply's own words, without what differs from one to the next.
std::string outcome_of(const std::string& reply) {
  for (const std::string outcome : {"recorded", "duplicate"}) {
    if (reply.contains(R"(\"outcome\":\")" + outcome)) return outcome;
  }
  return reply;
}

}  // namespace

PartnerService::PartnerService()
    : server_([this](tcp::socket& socket, int) {
        std::string buffer;
        while (auto message = testing_net::read_message(socket, buffer)) {
          const bool post = message->head.starts_with("POST");
          const auto begin = message->head.find("/credits/") + 9;
          const std::string id = message->head.substr(begin, message->head.find(' ', begin) - begin);
          bool there = true;
          {
            const std::lock_guard lock(mutex_);
            if (post) ++given_[id];
            there = given_.contains(id);
          }
          const std::string reply =
              fmt::format("HTTP/1.1 {} x\r\nContent-Length: 0\r\n\r\n", there ? 200 : 404);
          boost::system::error_code error;
          boost::asio::write(socket, boost::asio::buffer(reply), error);
          if (error) return;
        }
      }) {}

std::string PartnerService::url() const {
  return fmt::format("http://127.0.0.1:{}", server_.port());
}

int PartnerService::given(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto at = given_.find(id);
  return at == given_.end() ? 0 : at->second;
}

CrashScene::CrashScene(CrashEngine engine, std::string handler)
    : engine_(std::move(engine)), handler_(std::move(handler)) {}

bool CrashScene::serve_once(const std::string& event, std::uint64_t crash_at, Timestamp now,
                            std::string& reply) {
  RuntimeApiStub stub;
  stub.add_event("request-1", event);
  auto environment = engine_.environment;
  environment["AWS_LAMBDA_RUNTIME_API"] = stub.address();
  environment["TEST_HANDLER"] = handler_;
  environment["TEST_PARTNER"] = partner_.url();
  environment["TEST_NOW"] = std::to_string(unix_seconds(now));
  environment["SQUARE_WEBHOOK_SIGNATURE_KEY"] = agent::kSquareKey;
  environment["SQUARE_WEBHOOK_URL"] = agent::kSquareUrl;
  environment["LOOPSTATE_PEPPER"] = crypto::base64_encode(agent::kPepper);
  environment["LOOPSTATE_CRASH_AT"] = std::to_string(crash_at);
  const TemporaryFolder folder;
  ChildProcess child(built_program("function_crash_program"), environment, folder.file("log"));
  const auto answers = [&] {
    auto calls = stub.calls_to("/request-1/response");
    for (auto& call : stub.calls_to("/request-1/error")) calls.push_back(std::move(call));
    return calls;
  };
  while (child.running() && (answers().empty() || stub.waiting() == 0)) {
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  child.signal(SIGTERM);
  const int status = child.wait();
  if (const auto calls = answers(); !calls.empty()) reply = calls.back().body;
  EXPECT_TRUE(status == 0 || (status == kKilled && crash_at != 0))
      << status << text_of_file(folder.file("log"));
  return status == 0;
}

CrashDelivery CrashScene::deliver(const std::string& event, const std::vector<std::uint64_t>& crash_at) {
  CrashDelivery delivery;
  Timestamp now = agent::kNow;
  for (const std::uint64_t site : crash_at) {
    // A process that survives with a kill still ahead of it has served the event; it is delivered once more
    // anyway.
    const bool killed = !serve_once(event, site, now, delivery.reply);
    if (now == agent::kNow) delivery.killed_at_first = killed;
    now += kBetweenDeliveries;
  }
  serve_once(event, 0, now, delivery.reply);
  return delivery;
}

bool CrashScene::capture_once(const std::string& name, const std::vector<std::uint64_t>& crash_at) {
  const auto user = *UserId::parse("user-" + name);
  const auto linked = runner_.run(store().link(agent::fingerprint_of("card-" + name), user, "4242"));
  EXPECT_TRUE(linked);
  agent::SquarePayment payment;
  payment.id = "pay-" + name;
  payment.card = "card-" + name;
  const CrashDelivery delivery = deliver(webhook_event(agent::square_payment(payment)), crash_at);
  ++replies_[outcome_of(delivery.reply)];

  const auto snapshot = runner_.run(store().snapshot(user));
  const auto seen = runner_.run(store().is_processed(*TransactionId::parse("square:pay-" + name)));
  EXPECT_TRUE(snapshot && snapshot->context && seen && *seen) << name;
  if (!snapshot || !snapshot->context) return false;
  EXPECT_EQ(snapshot->captures.size(), 1u) << name;
  EXPECT_EQ(snapshot->captures.at(0).amount.minor_units, 1250u) << name;
  EXPECT_EQ(snapshot->context->recent_events.size(), 1u) << name;
  // As many writes of the context as in a run in which nothing went wrong.
  if (crash_at.empty()) version_ = snapshot->context->version;
  EXPECT_EQ(snapshot->context->version, version_) << name;
  return delivery.killed_at_first;
}

void CrashScene::kill_everywhere_capturing() {
  capture_once("0", {});
  std::uint64_t site = 1;
  while (site < kSitesMax && capture_once(std::to_string(site), {site, site / 2 + 1}) &&
         !testing::Test::HasFailure()) {
    ++site;
  }
  EXPECT_GT(site, kSitesMin);
  EXPECT_LT(site, kSitesMax);
  // Some died before the payment was recorded, some after.
  EXPECT_GT(replies_["recorded"], 1);
  EXPECT_GT(replies_["duplicate"], 1);
  EXPECT_EQ(replies_.size(), 2u);
  testing::Test::RecordProperty("crash_sites", std::to_string(site - 1));
}

void CrashScene::kill_everywhere_calling_out() {
  std::uint64_t site = 1;
  for (; site < kSitesMax && !testing::Test::HasFailure(); ++site) {
    const std::string id = "pay-" + std::to_string(site);
    const CrashDelivery delivery = deliver(id, {site, site / 2 + 1});
    ++replies_[delivery.reply];
    EXPECT_EQ(partner_.given(id), 1) << "killed at " << site;
    const auto done = runner_.run(store().is_processed(*TransactionId::parse("partner:" + id)));
    EXPECT_TRUE(done && *done && (*done)->result == "credited") << id;
    if (!delivery.killed_at_first) break;
  }
  EXPECT_GT(site, kSitesMin);
  EXPECT_LT(site, kSitesMax);
  // Some died before the claim, some between it and the completion, some after.
  EXPECT_GT(replies_["credited"], 1);
  EXPECT_GT(replies_["credited after a look"], 1);
  EXPECT_GT(replies_["credited before"], 1);
  EXPECT_EQ(replies_.size(), 3u);
  testing::Test::RecordProperty("crash_sites", std::to_string(site - 1));
}

}  // namespace loopstate::function
