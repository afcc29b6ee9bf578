// Copies of an embedded store, from which and into which payments go: repeating them after such a copy was
// put in place counts nothing twice.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "loopstate/blocking.hpp"

namespace loopstate {
namespace {

constexpr int kUsers = 40;
constexpr int kPaidBefore = 300, kMostPayments = 20'000, kCopies = 3;

UserId user_of(int payment) {
  return *UserId::parse(fmt::format("U{}", payment % kUsers));
}
Fingerprint card_of(int payment) {
  return *Fingerprint::parse(fmt::format("card{}", payment % kUsers));
}
TransactionId transaction_of(int payment) {
  return *TransactionId::parse(fmt::format("square:{}", payment));
}
/// A capture's merchant shows which payment it belongs to.
std::string merchant_of(int payment) {
  return fmt::format("M{}", payment);
}

class LiveCopies : public testing::Test {
 protected:
  LiveCopies() {
    std::string pattern = (std::filesystem::temp_directory_path() / "loopstate-copies-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    setenv("MAX_PENDING_CAPTURES", "1000", 1);  // NOLINT(concurrency-mt-unsafe): before there are threads
  }
  ~LiveCopies() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string url(const std::string& name) const { return "embedded:" + path(name); }

  BlockingStore open_store(const std::string& name) const {
    Settings settings;
    settings.url = url(name);
    settings.store.max_pending_captures = 1000;  // nothing is dropped
    auto opened = Store::open(settings);
    if (!opened) throw std::runtime_error(opened.error().message);
    return BlockingStore(std::move(*opened));
  }

  /// Runs the built program, as a separate process, on a store; its exit status.
  int run(const std::string& store, std::vector<std::string> words) const {
    words.insert(words.begin(), {LOOPSTATE_PROGRAM, "--store", url(store)});
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t process = 0;
    if (posix_spawn(&process, LOOPSTATE_PROGRAM, nullptr, nullptr, arguments.data(), environ) != 0) return -1;
    int status = 0;
    waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  static Result<RecordOutcome> pay(BlockingStore& store, int payment) {
    Capture capture;
    capture.merchant_id = merchant_of(payment);
    capture.amount.minor_units = static_cast<std::uint64_t>(payment) + 1;
    capture.amount.currency = "EUR";
    ContextEvent event;
    event.event_type = "purchase";
    event.summary = merchant_of(payment);
    return store.record_capture(
        {transaction_of(payment), card_of(payment), std::move(capture), std::move(event), std::nullopt});
  }

  /// How often each payment is among the captures.
  static std::map<std::string, int> captures_in(BlockingStore& store) {
    std::map<std::string, int> out;
    for (int user = 0; user < kUsers; ++user) {
      const auto captures = store.list_captures(user_of(user));
      EXPECT_TRUE(captures);
      if (!captures) continue;
      for (const auto& capture : *captures) ++out[capture.merchant_id];
    }
    return out;
  }

  /// A copy has all or nothing of each payment; and all of each once after all were delivered again.
  void expect_redelivery_counts_nothing_twice(const std::string& name, int acknowledged, int payments) const {
    SCOPED_TRACE(name);
    EXPECT_EQ(run(name, {"check"}), 0);
    auto store = open_store(name);
    auto captures = captures_in(store);
    int marked = 0;
    for (int payment = 0; payment < payments; ++payment) {
      const auto seen = store.is_processed(transaction_of(payment));
      ASSERT_TRUE(seen);
      marked += seen->has_value() ? 1 : 0;
      ASSERT_EQ(captures[merchant_of(payment)], seen->has_value() ? 1 : 0) << payment;
      if (payment < acknowledged) {
        ASSERT_TRUE(*seen) << "acknowledged before the copy was begun: " << payment;
      }
    }
    EXPECT_GE(marked, acknowledged);
    for (int payment = 0; payment < payments; ++payment) {
      const auto again = pay(store, payment);
      ASSERT_TRUE(again) << again.error().message;
    }
    captures = captures_in(store);
    for (int payment = 0; payment < payments; ++payment)
      ASSERT_EQ(captures[merchant_of(payment)], 1) << payment;
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(LiveCopies, PaymentsRedeliveredAfterABackupOrAnExportOfAStoreThatIsWrittenCountNothingTwice) {
  auto store = open_store("live");
  for (int user = 0; user < kUsers; ++user) {
    ASSERT_TRUE(store.get_or_init(user_of(user)));
    ASSERT_TRUE(store.link(card_of(user), user_of(user), "4242"));
  }
  for (int payment = 0; payment < kPaidBefore; ++payment) ASSERT_TRUE(pay(store, payment));
  std::atomic<int> paid{kPaidBefore};
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int payment = kPaidBefore; payment < kMostPayments && !stop; ++payment) {
      if (const auto done = pay(store, payment); !done || !done->recorded()) break;
      paid = payment + 1;
    }
  });
  std::map<std::string, int> acknowledged;
  for (int copy = 0; copy < kCopies; ++copy) {
    const std::string backup = fmt::format("backup{}", copy), lines = fmt::format("export{}", copy);
    acknowledged[backup] = paid;
    EXPECT_EQ(run("live", {"backup", path("file-" + backup)}), 0);
    acknowledged[lines] = paid;
    EXPECT_EQ(run("live", {"export", path("file-" + lines)}), 0);
  }
  stop = true;
  writer.join();
  const int payments = paid;
  ASSERT_GT(payments, kPaidBefore) << "the copies were made of a store that hardly anybody wrote";
  for (const auto& [name, before] : acknowledged) {
    const bool is_backup = name.starts_with("backup");
    ASSERT_EQ(run(name, {is_backup ? "restore" : "import", path("file-" + name)}), 0);
    expect_redelivery_counts_nothing_twice(name, before, payments);
  }
}

}  // namespace
}  // namespace loopstate
