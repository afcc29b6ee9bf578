// What the agent says of itself at its start, which peppers it starts with, and SIGHUP.
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <future>

#include "agent/serve.hpp"
#include "agent_fixture.hpp"
#include "http/server/server_fixture.hpp"

namespace loopstate::agent {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPepperText = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
constexpr const char* kOtherPepperText = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

/// What the agent reported, one after the other.
class Reports {
 public:
  void add(bool taken) {
    const std::lock_guard lock(mutex_);
    reports_.push_back(taken);
    changed_.notify_one();
  }
  bool next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !reports_.empty(); });
    const bool taken = reports_.front();
    reports_.pop_front();
    return taken;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<bool> reports_;
};

class ServeReread : public testing::Test {
 protected:
  void SetUp() override {
    std::string made = (std::filesystem::temp_directory_path() / "loopstate-reread-XXXXXX").string();
    ASSERT_NE(mkdtemp(made.data()), nullptr);
    folder_ = made;
    write("key", kSquareKey);
    write("pepper", kPepperText);
  }
  void TearDown() override {
    if (served_.valid()) {
      std::raise(SIGTERM);
      EXPECT_TRUE(served_.get());
    }
    std::filesystem::remove_all(folder_);
  }

  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  void write(std::string_view name, std::string_view text) { std::ofstream(path(name)) << text; }

  ServeOptions options() {
    return ServeOptions{.listen = "127.0.0.1:0",
                        .admin_listen = "off",
                        .store = store::store_over(model_),
                        .store_url = "embedded:shop.db",
                        .environment = [this](std::string_view name) -> std::optional<std::string> {
                          if (name == "SQUARE_WEBHOOK_URL") return std::string(kSquareUrl);
                          if (name == "SQUARE_WEBHOOK_SIGNATURE_KEY_FILE") return path("key");
                          if (name == "LOOPSTATE_PEPPER_FILE") return path("pepper");
                          const auto also = also_.find(name);
                          return also == also_.end() ? std::nullopt : std::optional(also->second);
                        },
                        .log = log::Logger::to_sink({},
                                                    [this](log::Level, std::string_view line) {
                                                      const std::lock_guard lock(mutex_);
                                                      lines_.emplace_back(line);
                                                    }),
                        .version = "1.2.3",
                        .on_listening = {},
                        .on_admin_listening = {},
                        .on_reread = [this](bool taken) { reports_.add(taken); }};
  }
  void start() {
    auto chosen = options();
    std::promise<std::uint16_t> bound;
    chosen.on_listening = [&](const std::string&, std::uint16_t port) { bound.set_value(port); };
    served_ = std::async(std::launch::async, [&] { return serve(std::move(chosen)); });
    port_ = bound.get_future().get();
  }
  bool reread() {
    std::raise(SIGHUP);
    return reports_.next();
  }
  /// The status of an event without effect, signed with this key.
  int deliver(std::string_view key) {
    const std::string body =
        R"({"merchant_id":"M1","type":"order.created","event_id":"e1","data":{"type":"order"}})";
    http::RawClient client(port_);
    client.send(fmt::format(
        "POST /webhooks/square HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{}: {}\r\n\r\n{}", body.size(),
        webhook::kSquareSignatureHeader, webhook::square_signature(key, kSquareUrl, body), body));
    return client.read().status;
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

  std::shared_ptr<table::ModelTable> model_ = std::make_shared<table::ModelTable>();
  std::map<std::string, std::string, std::less<>> also_;
  std::filesystem::path folder_;
  Reports reports_;
  std::future<Result<void>> served_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST_F(ServeReread, TheFirstLineSaysVersionStoreAndProviders) {
  start();
  ASSERT_FALSE(lines().empty());
  const auto all = lines();
  EXPECT_THAT(all,
              Contains(testing::AllOf(HasSubstr("starting"), HasSubstr("version=1.2.3"),
                                      HasSubstr("store=embedded:shop.db"), HasSubstr("square (1 secret)"))));
  EXPECT_THAT(all, Not(Contains(HasSubstr(kSquareKey))));
}

TEST_F(ServeReread, ANewSecretIsUsedFromTheNextDeliveryOn) {
  start();
  EXPECT_EQ(deliver(kSquareKey), 200);
  EXPECT_EQ(deliver("rolled"), 403);
  write("key", "rolled");
  EXPECT_TRUE(reread());
  EXPECT_EQ(deliver("rolled"), 200);
  EXPECT_EQ(deliver(kSquareKey), 403);
}

TEST_F(ServeReread, SecretsThatCannotBeUsedLeaveAllAsTheyWere) {
  start();
  std::filesystem::remove(path("key"));
  EXPECT_FALSE(reread());
  EXPECT_EQ(deliver(kSquareKey), 200);
  write("key", "");
  EXPECT_FALSE(reread()) << "no provider would be on";
  EXPECT_EQ(deliver(kSquareKey), 200);
  write("key", "rolled");
  write("pepper", "c2hvcnQ=");
  EXPECT_FALSE(reread());
  EXPECT_EQ(deliver(kSquareKey), 200) << "the key is not taken on without the pepper";
  EXPECT_EQ(deliver("rolled"), 403);
  EXPECT_THAT(lines(), Contains(HasSubstr("those from before stay in use")));
}

TEST_F(ServeReread, APepperThatIsNotTheStoresLeavesAllAsTheyWere) {
  start();
  write("key", "rolled");
  write("pepper", kOtherPepperText);
  EXPECT_FALSE(reread());
  EXPECT_EQ(deliver(kSquareKey), 200);
  write("previous", kPepperText);
  also_["LOOPSTATE_PREVIOUS_PEPPER_FILE"] = path("previous");
  EXPECT_TRUE(reread());
  EXPECT_EQ(deliver("rolled"), 200);
}

TEST_F(ServeReread, AnotherStoresPepperDoesNotStart) {
  ASSERT_TRUE([&] {
    start();
    std::raise(SIGTERM);
    return served_.get().has_value();
  }());
  write("pepper", kOtherPepperText);
  const auto refused = serve(options());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("is not the one under which this store's cards are linked"));
}

TEST_F(ServeReread, AStoreThatDoesNotAnswerAtTheStartIsAskedAgainByTheFirstDelivery) {
  model_->fail_reads(1);
  start();
  EXPECT_THAT(lines(), Contains(HasSubstr("cannot say yet whether the pepper is its own")));
  EXPECT_EQ(deliver(kSquareKey), 200);
  EXPECT_THAT(lines(), Contains(HasSubstr("this store has no check value of a pepper yet")));
}

}  // namespace
}  // namespace loopstate::agent
