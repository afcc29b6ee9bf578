// How far removal for good may go: the decision alone.
#include "embedded/watermark.hpp"

#include "embedded/fixture.hpp"

namespace loopstate::embedded {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr UnixSeconds kOneDay = 86'400;
constexpr UnixSeconds kOneHour = 3600;

/// A process, its wall clock, and the file that it shares with others.
struct Process {
  explicit Process(std::optional<UnixSeconds>& of_file, UnixSeconds clock = kNow)
      : file(of_file), now(clock) {}

  /// Both its clocks move on, and it writes.
  void write_after(seconds time) {
    now += time.count();
    passed += time;
    write();
  }
  void write() { file = watermark.advance({file, now, passed}); }

  std::optional<UnixSeconds>& file;
  UnixSeconds now;
  seconds passed{12'345};
  Watermark watermark;
};

TEST(Watermark, ANewFileHasNoneUntilAProcessHasRunForAnHour) {
  std::optional<UnixSeconds> file;
  Process process(file);
  process.write();
  process.write_after(minutes(59));
  EXPECT_EQ(file, std::nullopt);
  process.write_after(minutes(1));
  EXPECT_EQ(file, kNow + kOneHour);
}

TEST(Watermark, AdvancesWithTheTimeThatAProcessSawPass) {
  std::optional<UnixSeconds> file = kNow - 30 * kOneDay;
  Process process(file);
  process.write();
  EXPECT_EQ(file, kNow - 30 * kOneDay);
  process.write_after(minutes(20));
  process.write_after(minutes(20));
  EXPECT_EQ(file, kNow - 30 * kOneDay + 40 * 60);
}

TEST(Watermark, NeverPassesTheClock) {
  std::optional<UnixSeconds> file = kNow - 5;
  Process process(file);
  process.write();
  process.now -= 4;
  process.passed += seconds(100);
  process.write();
  EXPECT_EQ(file, kNow - 5 + 1);
}

TEST(Watermark, CatchesUpAfterAnHourAndIsThePresentAfterADay) {
  std::optional<UnixSeconds> file = kNow - 90 * kOneDay;
  Process process(file);
  process.write();
  process.write_after(hours(1));
  const UnixSeconds before = *file;
  process.write_after(hours(1));
  EXPECT_EQ(*file, before + kOneDay);
  process.write_after(hours(23));
  EXPECT_EQ(file, process.now);
}

TEST(Watermark, AClockFarAheadMovesNothingBeyondTheRightTimeWithinAnHour) {
  std::optional<UnixSeconds> file = kNow;
  Process wrong(file, kNow + 400 * kOneDay);
  for (int i = 0; i <= 59; ++i) {
    EXPECT_LE(*file, kNow + i * 60);
    wrong.write();
    EXPECT_LE(*file, kNow + i * 60);
    wrong.write_after(minutes(1));
  }
}

TEST(Watermark, ManyCommandsWithAClockFarAheadMoveNothing) {
  std::optional<UnixSeconds> file = kNow;
  for (int i = 0; i < 1000; ++i) Process(file, kNow + 400 * kOneDay).write();
  EXPECT_EQ(file, kNow);
}

TEST(Watermark, AClockThatJumpsWhileAProcessRunsStartsItsHourAgain) {
  std::optional<UnixSeconds> file = kNow;
  Process process(file);
  process.write();
  process.write_after(hours(30));
  ASSERT_EQ(file, process.now);
  const UnixSeconds right = process.now;
  process.now += 400 * kOneDay;
  process.write();
  EXPECT_EQ(file, right);
  process.write_after(minutes(59));
  EXPECT_LE(*file, right + kOneHour);
}

TEST(Watermark, AWrongOneIsPulledBackByTheFirstRightClock) {
  std::optional<UnixSeconds> file = kNow + 400 * kOneDay;
  Process right(file);
  right.write();
  EXPECT_EQ(file, kNow);
  right.write_after(minutes(1));
  EXPECT_EQ(file, kNow + 60);
}

TEST(Watermark, SeveralProcessesDoNotCountTheSameTimeTwice) {
  std::optional<UnixSeconds> file = kNow - 30 * kOneDay;
  Process first(file), second(file), third(file);
  first.write();
  second.write();
  third.write();
  for (int i = 0; i < 50; ++i) {
    first.write_after(minutes(1));
    second.write_after(minutes(1));
    third.write_after(minutes(1));
  }
  EXPECT_EQ(file, kNow - 30 * kOneDay + 50 * 60);
}

TEST(Watermark, AClockFarBehindHoldsRemovalUpForADayAtMost) {
  std::optional<UnixSeconds> file = kNow;
  Process(file, 0).write();
  EXPECT_EQ(file, 0);
  Process right(file);
  right.write();
  EXPECT_EQ(file, 0);
  right.write_after(hours(25));
  EXPECT_EQ(file, right.now);
}

}  // namespace
}  // namespace loopstate::embedded
