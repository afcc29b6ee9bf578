// How far permanent removal may go: the decision alone.
#include "embedded/watermark.hpp"

#include "embedded/fixture.hpp"

namespace loopstate::embedded {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kOneDay = hours(24);
constexpr seconds kOneHour = hours(1);

/// A process, its wall clock, and the file that it shares with others.
struct Process {
  explicit Process(std::optional<Timestamp>& of_file, Timestamp clock = kNow) : file(of_file), now(clock) {}

  /// Both its clocks advance, and it writes.
  void write_after(seconds time) {
    now += time;
    passed += time;
    write();
  }
  void write() { file = watermark.advance({file, now, passed}); }

  std::optional<Timestamp>& file;
  Timestamp now;
  seconds passed{12'345};
  Watermark watermark;
};

TEST(Watermark, ANewFileHasNoneUntilAProcessHasRunForAnHour) {
  std::optional<Timestamp> file;
  Process process(file);
  process.write();
  process.write_after(minutes(59));
  EXPECT_EQ(file, std::nullopt);
  process.write_after(minutes(1));
  EXPECT_EQ(file, kNow + kOneHour);
}

TEST(Watermark, AdvancesWithTheTimeThatAProcessSawPass) {
  std::optional<Timestamp> file = kNow - 30 * kOneDay;
  Process process(file);
  process.write();
  EXPECT_EQ(file, kNow - 30 * kOneDay);
  process.write_after(minutes(20));
  process.write_after(minutes(20));
  EXPECT_EQ(file, kNow - 30 * kOneDay + minutes(40));
}

TEST(Watermark, NeverPassesTheClock) {
  std::optional<Timestamp> file = kNow - 5s;
  Process process(file);
  process.write();
  process.now -= 4s;
  process.passed += seconds(100);
  process.write();
  EXPECT_EQ(file, kNow - 4s);
}

TEST(Watermark, CatchesUpAfterAnHourAndIsThePresentAfterADay) {
  std::optional<Timestamp> file = kNow - 90 * kOneDay;
  Process process(file);
  process.write();
  process.write_after(hours(1));
  const Timestamp before = *file;
  process.write_after(hours(1));
  EXPECT_EQ(*file, before + kOneDay);
  process.write_after(hours(23));
  EXPECT_EQ(file, process.now);
}

TEST(Watermark, AClockFarAheadMovesNothingBeyondTheRightTimeWithinAnHour) {
  std::optional<Timestamp> file = kNow;
  Process wrong(file, kNow + 400 * kOneDay);
  for (int i = 0; i <= 59; ++i) {
    EXPECT_LE(*file, kNow + i * 60s);
    wrong.write();
    EXPECT_LE(*file, kNow + i * 60s);
    wrong.write_after(minutes(1));
  }
}

TEST(Watermark, ManyCommandsWithAClockFarAheadMoveNothing) {
  std::optional<Timestamp> file = kNow;
  for (int i = 0; i < 1000; ++i) Process(file, kNow + 400 * kOneDay).write();
  EXPECT_EQ(file, kNow);
}

TEST(Watermark, AClockThatJumpsWhileAProcessRunsStartsItsHourAgain) {
  std::optional<Timestamp> file = kNow;
  Process process(file);
  process.write();
  process.write_after(hours(30));
  ASSERT_EQ(file, process.now);
  const Timestamp right = process.now;
  process.now += 400 * kOneDay;
  process.write();
  EXPECT_EQ(file, right);
  process.write_after(minutes(59));
  EXPECT_LE(*file, right + kOneHour);
}

TEST(Watermark, AWrongOneIsPulledBackByTheFirstRightClock) {
  std::optional<Timestamp> file = kNow + 400 * kOneDay;
  Process right(file);
  right.write();
  EXPECT_EQ(file, kNow);
  right.write_after(minutes(1));
  EXPECT_EQ(file, kNow + 60s);
}

TEST(Watermark, SeveralProcessesDoNotCountTheSameTimeTwice) {
  std::optional<Timestamp> file = kNow - 30 * kOneDay;
  Process first(file), second(file), third(file);
  first.write();
  second.write();
  third.write();
  for (int i = 0; i < 50; ++i) {
    first.write_after(minutes(1));
    second.write_after(minutes(1));
    third.write_after(minutes(1));
  }
  EXPECT_EQ(file, kNow - 30 * kOneDay + minutes(50));
}

TEST(Watermark, AClockFarBehindHoldsRemovalUpForADayAtMost) {
  std::optional<Timestamp> file = kNow;
  Process(file, Timestamp{}).write();
  EXPECT_EQ(file, Timestamp{});
  Process right(file);
  right.write();
  EXPECT_EQ(file, Timestamp{});
  right.write_after(hours(25));
  EXPECT_EQ(file, right.now);
}

}  // namespace
}  // namespace loopstate::embedded
