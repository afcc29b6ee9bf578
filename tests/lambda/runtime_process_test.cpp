// run() in a separate process: its signal, its exit status, its memory.
#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include "lambda/child_process.hpp"
#include "lambda/runtime_api_stub.hpp"

namespace loopstate::lambda {

namespace {

using std::chrono::milliseconds;
using Fault = ApiAnswer::Fault;

std::string program() {
  return built_program("lambda_runtime_program");
}

}  // namespace

TEST(RuntimeProcess, OutsideLambdaASentenceSaysSo) {
  const TemporaryFolder folder;
  ChildProcess child(program(), {}, folder.file("log"));
  EXPECT_EQ(child.wait(), 2);
  EXPECT_NE(text_of_file(folder.file("log")).find("AWS_LAMBDA_RUNTIME_API is not set"), std::string::npos);
}

TEST(RuntimeProcess, SigtermEndsOneThatWaitsForAnEvent) {
  RuntimeApiStub stub;
  ChildProcess child(program(), {{"AWS_LAMBDA_RUNTIME_API", stub.address()}});
  ASSERT_TRUE(stub.wait_until_waiting(1));
  child.signal(SIGTERM);
  EXPECT_EQ(child.wait(), 0);
}

TEST(RuntimeProcess, SigtermLetsTheReplyOfTheEventInFlightGoOut) {
  RuntimeApiStub stub;
  ChildProcess child(program(), {{"AWS_LAMBDA_RUNTIME_API", stub.address()}});
  stub.add_event("r1", "terminated, then wait:50");
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(stub.calls_to("/r1/response").size(), 1u);
  EXPECT_EQ(stub.calls_to("/invocation/next").size(), 1u);
}

namespace {

constexpr int kEvents = 10'000;
constexpr int kWarmUp = 2'000;
constexpr std::size_t kGrowthMaxKilobytes = 4'096;
// A sanitizer keeps freed memory on purpose.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMeasuresMemory = false;
#else
constexpr bool kMeasuresMemory = true;
#endif

/// Events, and between them what may go wrong; none of it ends the process.
class FaultyApi {
 public:
  explicit FaultyApi(RuntimeApiStub& stub) {
    stub.keep_calls(false);
    stub.set_responder([this](const ApiCall& call) { return answer(call); });
    stub.set_source([this] { return next(); });
  }

  /// Lets the runtime have events up to this one, and waits until each was answered. Returns how many were.
  int serve_until(int events) {
    std::unique_lock lock(mutex_);
    events_max_ = events;
    changed_.wait_for(lock, std::chrono::seconds(100),
                      [&] { return static_cast<int>(answered_.size()) >= events; });
    return static_cast<int>(answered_.size());
  }

  int faults() const { return faults_; }

 private:
  int roll(int sides) { return static_cast<int>(random_() % static_cast<unsigned>(sides)); }

  std::optional<ApiAnswer> next() {
    const std::lock_guard lock(mutex_);
    if (events_ >= events_max_) return std::nullopt;
    static const std::string texts[] = {"x",
                                        "describe",
                                        "fail",
                                        "throw",
                                        "throw a number",
                                        "big:200000",
                                        "{\"a\":1}",
                                        std::string(50'000, 'e'),
                                        "",
                                        "wait:1"};
    ApiAnswer answer = event_answer("event-" + std::to_string(events_), texts[roll(10)]);
    if (roll(4) == 0) answer.headers.emplace_back("Lambda-Runtime-Invocation-Id", std::to_string(random_()));
    // Each tells the process to ask again, so the event is still to come; a pause of 10 ms follows most.
    switch (roll(250)) {
      case 0:
        return faulty({204, {}, {}, Fault::None});
      case 1:
        return faulty({403, {}, R"({"errorType":"InvalidStateTransition"})", Fault::None});
      case 2:
        return faulty({410, {}, {}, Fault::None});
      case 3:
        return faulty({503, {}, std::string(10'000, '?'), Fault::None});
      case 4:
        answer.fault = Fault::NoReply;
        return faulty(answer);
      case 5:
        answer.fault = Fault::HalfReply;
        return faulty(answer);
      case 6:
        answer.fault = Fault::Garbage;
        return faulty(answer);
      case 7:
        answer.headers = {{"Lambda-Runtime-Aws-Request-Id", ""}, {"Lambda-Runtime-Deadline-Ms", "\xFF\x01"}};
        return faulty(answer);
      case 8:
        answer.headers.emplace_back("Lambda-Runtime-Client-Context", std::string(100'000, 'c'));
        return faulty(answer);
      default:
        break;
    }
    // These are events too.
    switch (roll(50)) {
      case 0:
        answer.headers = {{"lambda-runtime-aws-request-id", "event-" + std::to_string(events_)}};
        break;
      case 1:
        answer.headers[2].second = "yesterday";
        break;
      case 2:
        answer.headers[4].second = std::string(3'000, '=') + "\x80\x81";
        break;
      case 3:
        answer.fault = Fault::CloseAfter;
        break;
      default:
        break;
    }
    ++events_;
    return answer;
  }

  std::optional<ApiAnswer> faulty(ApiAnswer answer) {
    ++faults_;
    return answer;
  }

  std::optional<ApiAnswer> answer(const ApiCall& call) {
    const std::string id = call.request_id();
    if (!id.starts_with("event-")) return std::nullopt;
    const std::lock_guard lock(mutex_);
    answered_.insert(std::stoi(id.substr(6)));
    changed_.notify_all();
    static const int statuses[] = {400, 403, 408, 410, 413, 429, 503};
    const int fault = roll(100);
    if (fault >= 10) return std::nullopt;
    ++faults_;
    if (fault < 7) return ApiAnswer{statuses[fault], {}, "{}", Fault::None};
    static const Fault faults[] = {Fault::NoReply, Fault::HalfReply, Fault::CloseAfter};
    return ApiAnswer{202, {}, "{}", faults[fault - 7]};
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::mt19937 random_{20'251'125};
  int events_ = 0;
  int events_max_ = 0;
  std::set<int> answered_;
  std::atomic<int> faults_ = 0;
};

}  // namespace

TEST(RuntimeProcess, TenThousandEventsWithFaultsBetweenThemLoseNothingAndCostNoMemory) {
  RuntimeApiStub stub;
  FaultyApi api(stub);
  const TemporaryFolder folder;
  ChildProcess child(program(), {{"AWS_LAMBDA_RUNTIME_API", stub.address()}}, folder.file("log"));
  ASSERT_EQ(api.serve_until(kWarmUp), kWarmUp) << text_of_file(folder.file("log"));
  const std::size_t before = child.resident_kilobytes();
  ASSERT_EQ(api.serve_until(kEvents), kEvents);
  const std::size_t after = child.resident_kilobytes();
  EXPECT_TRUE(!kMeasuresMemory || after <= before + kGrowthMaxKilobytes) << before << " -> " << after;
  EXPECT_GT(api.faults(), kEvents / 12);
  ASSERT_TRUE(stub.wait_until_waiting(1));
  child.signal(SIGTERM);
  EXPECT_EQ(child.wait(), 0);
  RecordProperty("resident_kilobytes_after_warm_up", std::to_string(before));
  RecordProperty("resident_kilobytes_at_the_end", std::to_string(after));
}

}  // namespace loopstate::lambda
