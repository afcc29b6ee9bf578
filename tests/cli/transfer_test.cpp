#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "cli/run_program.hpp"

extern char** environ;

namespace loopstate::cli_test {
namespace {

constexpr const char* kOther =
    R"({"pk":{"S":"X#1"},"sk":{"S":"A"},"b":{"B":"AQI="},"bs":{"BS":["AQI=","Aw=="]},"f":{"BOOL":false},)"
    R"("l":{"L":[{"S":"x"},{"M":{"k":{"N":"-1.5"}}}]},"m":{"M":{}},"n":{"N":"12345678901234567890123456789012345678"},)"
    R"("ns":{"NS":["1","2.5"]},"nul":{"NULL":true},"ss":{"SS":["a","b"]},"t":{"S":"\"quoted\" ünï 😀\n"}})";

std::string item(int number, int value = 1) {
  std::ostringstream line;
  line << R"({"pk":{"S":"TXN#t)" << number << R"("},"sk":{"S":"PROCESSED"},"cred_amount":{"N":")" << value
       << R"("},"processed_at":{"N":"1795575876"},"user_pubkey":{"S":"U1"}})" << '\n';
  return line.str();
}

std::string items(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += item(i);
  return lines;
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class TransferCommands : public CliTest {
 protected:
  std::string other_url(std::string_view name) const { return "embedded:" + path(name).string(); }
};

TEST_F(TransferCommands, ExportImportExportIsIdentical) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"card", "link", "fp1", "U1", "--last4", "4242"});
  json(kDone, {"capture", "add", "U1", "-", "--txn", "t1"}, R"({"merchant_id":"M1","amount_cents":1})");
  json(kDone, {"import", "-"}, kOther);
  const auto file = path("all.jsonl").string();
  EXPECT_EQ(json(kDone, {"export", file}).number({"exported"}), 6);
  const auto first = content_of(file);
  EXPECT_NE(first.find(kOther), std::string::npos) << "every type comes back as it was";
  const auto answer = json(kDone, {"--store", other_url("two.db"), "import", file});
  EXPECT_EQ(answer.number({"written"}), 6);
  EXPECT_EQ(text({"--store", other_url("two.db"), "export"}).out, first);
}

TEST_F(TransferCommands, AnExportIsForItsOwnerAlone) {
  json(kDone, {"import", "-"}, items(1));
  json(kDone, {"export", path("all.jsonl").string()});
  const auto mode = std::filesystem::status(path("all.jsonl")).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(TransferCommands, AnExportNeverReplacesAStoreOrItsLockFile) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"--store", other_url("two.db"), "init"});
  const auto own = url().substr(std::string_view("embedded:").size());
  for (const auto& file : {own, own + "-lock", path("two.db").string()}) {
    fails(kMisused, "InvalidArgument", {"export", file});
  }
  json(kDone, {"context", "get", "U1"});
  json(kDone, {"--store", other_url("two.db"), "check"});
}

TEST_F(TransferCommands, AnExportReplacesFilesOnly) {
  const auto pipe = path("pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  json(kDone, {"context", "init", "U1"});
  fails(kMisused, "InvalidArgument", {"export", pipe});
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  fails(kMisused, "InvalidArgument", {"export", path(".").string()});
}

TEST_F(TransferCommands, ALimitOfAFilesSizeRefusesAnExportAndLeavesNoPartOfIt) {
  json(kDone, {"import", "-"}, items(2'000));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit limited{8'192, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limited), 0);
  std::filesystem::create_directory(path("out"));
  fails(kFailed, "StorageFull", {"export", path("out/all.jsonl").string()});
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(std::filesystem::is_empty(path("out")));
}

TEST_F(TransferCommands, ExportAsJsonIsOneArrayThatImportTakes) {
  json(kDone, {"import", "-"}, items(3));
  const auto array = json(kDone, {"export"});
  EXPECT_EQ(array.size(), 3u);
  EXPECT_EQ(
      json(kDone, {"--store", other_url("two.db"), "import", "-"}, array.text.text()).number({"written"}), 3);
  EXPECT_EQ(json(kDone, {"--store", other_url("empty.db"), "import", "-"}, "[]").number({"read"}), 0);
  EXPECT_EQ(json(kDone, {"--store", other_url("empty.db"), "export"}).size(), 0u);
}

TEST_F(TransferCommands, AnImportRepeatedChangesNothing) {
  EXPECT_EQ(json(kDone, {"import", "-"}, items(250)).number({"written"}), 250);
  const auto again = json(kDone, {"import", "-"}, items(250));
  EXPECT_EQ(again.number({"written"}), 0);
  EXPECT_EQ(again.number({"unchanged"}), 250);
}

TEST_F(TransferCommands, WhatDiffersIsKeptUnlessReplaced) {
  json(kDone, {"import", "-"}, item(1, 5));
  EXPECT_EQ(json(kDone, {"import", "-"}, item(1, 6)).number({"kept"}), 1);
  EXPECT_EQ(json(kDone, {"txn", "check", "t1"}).number({"record", "cred_amount"}), 5);
  EXPECT_EQ(json(kDone, {"import", "-", "--replace"}, item(1, 6)).number({"written"}), 1);
  EXPECT_EQ(json(kDone, {"txn", "check", "t1"}).number({"record", "cred_amount"}), 6);
}

TEST_F(TransferCommands, OneItemTwiceInAFileCountsAsTwo) {
  const auto answer = json(kDone, {"import", "-", "--replace"}, item(1, 5) + item(1, 6) + item(1, 6));
  EXPECT_EQ(answer.number({"written"}), 2);
  EXPECT_EQ(answer.number({"unchanged"}), 1);
  EXPECT_EQ(json(kDone, {"txn", "check", "t1"}).number({"record", "cred_amount"}), 6);
}

TEST_F(TransferCommands, ExpiredItemsAreNotTakenAlong) {
  const auto answer = json(kDone, {"import", "-"},
                           R"({"pk":{"S":"USER#U1"},"sk":{"S":"LOCATION"},"merchant_id":{"S":"M"},)"
                           R"("entered_at":{"N":"1"},"ttl":{"N":"3601"}})");
  EXPECT_EQ(answer.number({"expired"}), 1);
  EXPECT_EQ(answer.number({"written"}), 0);
  EXPECT_EQ(text({"export"}).out, "");
}

TEST_F(TransferCommands, ASessionThatIsOverIsNotTakenAlongWhateverItsTimeToLive) {
  const auto answer = json(kDone, {"import", "-"},
                           R"({"pk":{"S":"USER#U1"},"sk":{"S":"SESSION"},"session_data":{"S":"{}"},)"
                           R"("expires_at":{"N":"1795579476"},"ttl":{"N":"4102444800"}})");
  EXPECT_EQ(answer.number({"expired"}), 1);
}

TEST_F(TransferCommands, AFileThatBreaksIsNamedByItsLineAndNothingIsImported) {
  const auto broken = items(150) + "{\"pk\":{\"S\":\"TXN#x\"},\"sk\":\n" + item(151);
  const auto file = write_file("broken.jsonl", broken);
  const auto answer = json(kMisused, {"import", file});
  EXPECT_NE(answer.string({"error", "message"}).find("line 151"), std::string::npos) << answer.text.text();
  EXPECT_EQ(text({"export"}).out, "");
}

TEST_F(TransferCommands, AStreamThatBreaksSaysWhatIsImportedAndARepeatIsHarmless) {
  const auto broken = items(150) + "nonsense\n";
  const auto answer = json(kMisused, {"import", "-"}, broken);
  EXPECT_NE(answer.string({"error", "message"}).find("line 151"), std::string::npos) << answer.text.text();
  EXPECT_NE(answer.string({"error", "message"}).find("150 items before it"), std::string::npos)
      << answer.text.text();
  const auto mended = json(kDone, {"import", "-"}, items(151));
  EXPECT_EQ(mended.number({"unchanged"}), 150);
  EXPECT_EQ(mended.number({"written"}), 1);
}

TEST_F(TransferCommands, EveryKindOfBadItemIsRefusedByItsLine) {
  const std::string start = R"({"pk":{"S":"p"},"sk":{"S":"s"},)";
  for (const auto& bad : std::vector<std::string>{"{}",
                                                  "[",
                                                  "[1]",
                                                  "[{}",
                                                  "[{}]",
                                                  "5",
                                                  "null",
                                                  R"({"pk":{"S":"p"}})",
                                                  R"({"pk":"p","sk":"s"})",
                                                  R"({"pk":{"N":"1"},"sk":{"S":"s"}})",
                                                  R"({"pk":{"S":""},"sk":{"S":"s"}})",
                                                  start + R"("a":{"N":"x"}})",
                                                  start + R"("a":{"N":5}})",
                                                  start + R"("a":{"S":1}})",
                                                  start + R"("a":{"SS":[]}})",
                                                  start + R"("a":{"SS":["x","x"]}})",
                                                  start + R"("a":{"B":"*"}})",
                                                  start + R"("a":{"NULL":false}})",
                                                  start + R"("a":{"Q":"x"}})",
                                                  start + R"("a":{}})",
                                                  start + R"("a":{"S":"x","N":"1"}})",
                                                  start + R"("a":{"N":"1E126"}})",
                                                  start + R"("a":{"S":"x"},"a":{"S":"y"}})",
                                                  start + "\"a\":{\"S\":\"\xff\"}}",
                                                  start + R"("a":{"L":)" + std::string(70, '[') + "}}"}) {
    const auto answer = json(kMisused, {"import", "-"}, item(1) + bad);
    EXPECT_NE(answer.string({"error", "message"}).find("line 2"), std::string::npos)
        << bad << answer.text.text();
  }
}

TEST_F(TransferCommands, AnItemThatIsTooLargeIsRefused) {
  const auto big = R"({"pk":{"S":"p"},"sk":{"S":"s"},"a":{"S":")" + std::string(410'000, 'x') + "\"}}";
  const auto answer = json(kFailed, {"import", "-"}, big);
  EXPECT_EQ(answer.string({"error", "code"}), "ItemTooLarge");
}

TEST_F(TransferCommands, AnItemThatTheStoreDoesNotTakeIsNamedByItsLineAndKey) {
  const auto long_key = R"({"pk":{"S":"TXN#)" + std::string(508, 'k') + R"("},"sk":{"S":"PROCESSED"}})";
  const auto file = write_file("refused.jsonl", items(3) + "\n" + long_key + "\n" + item(4));
  const auto answer = json(kMisused, {"import", file});
  const auto message = std::string(answer.string({"error", "message"}));
  EXPECT_NE(message.find("line 5: item TXN#kkkk"), std::string::npos) << message;
  EXPECT_NE(message.find("510"), std::string::npos) << message;
  EXPECT_LT(message.size(), 400u);
}

TEST_F(TransferCommands, FilesThatCannotBeReadOrWrittenAreNamed) {
  fails(kMisused, "InvalidArgument", {"import", path("none").string()});
  fails(kMisused, "InvalidArgument", {"import", path("").string()});
  json(kDone, {"import", "-"}, items(1));
  fails(kFailed, "StorageFailure", {"export", path("no/such/folder/x").string()});
}

TEST_F(TransferCommands, ExportOfAStoreThatIsNotThereMakesNone) {
  fails(kNotThere, "TableNotFound", {"--store", other_url("none.db"), "export"});
  EXPECT_FALSE(std::filesystem::exists(path("none.db")));
}

TEST_F(TransferCommands, CopyTakesEverythingOnce) {
  json(kDone, {"import", "-"}, items(300));
  const auto two = other_url("two.db");
  EXPECT_EQ(json(kDone, {"copy", url(), two}).number({"written"}), 300);
  EXPECT_EQ(json(kDone, {"copy", url(), two}).number({"unchanged"}), 300);
  EXPECT_EQ(text({"--store", two, "export"}).out, text({"export"}).out);
  fails(kMisused, "InvalidArgument", {"copy", url(), url()});
}

TEST_F(TransferCommands, TheStateOfAnotherCopyIsRefused) {
  json(kDone, {"import", "-"}, items(1));
  const auto state = write_file("state", R"({"from":"embedded:x","to":"embedded:y","cursor":"00","read":5})");
  fails(kMisused, "InvalidArgument", {"copy", url(), other_url("two.db"), "--resume", state});
  const auto nonsense = write_file("nonsense", "hello");
  fails(kMisused, "InvalidArgument", {"copy", url(), other_url("two.db"), "--resume", nonsense});
}

// Starts the program and kills it after `pause`; what it did until then remains.
void start_and_kill(const std::vector<std::string>& arguments, std::chrono::milliseconds pause) {
  std::vector<std::string> words = {LOOPSTATE_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  ASSERT_EQ(::posix_spawn(&pid, LOOPSTATE_PROGRAM, &actions, nullptr, pointers.data(), environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  std::this_thread::sleep_for(pause);  // the moment of death is arbitrary; nothing depends on it
  ::kill(pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
}

TEST_F(TransferCommands, AnImportThatIsKilledIsFinishedByRepeatingIt) {
  const auto file = write_file("many.jsonl", items(5'000));
  for (const int pause_ms : {5, 20, 60, 120}) {
    start_and_kill({"--store", url(), "import", file}, std::chrono::milliseconds(pause_ms));
  }
  const auto answer = json(kDone, {"import", file});
  EXPECT_EQ(answer.number({"written"}) + answer.number({"unchanged"}), 5'000);
  EXPECT_EQ(json(kDone, {"export", path("all").string()}).number({"exported"}), 5'000);
}

TEST_F(TransferCommands, ACopyThatIsKilledGoesOnWhereItWas) {
  json(kDone, {"import", "-"}, items(5'000));
  const auto two = other_url("two.db");
  const std::vector<std::string> copy = {"copy", url(), two, "--resume", path("state").string()};
  for (const int pause_ms : {30, 100, 250}) start_and_kill(copy, std::chrono::milliseconds(pause_ms));
  json(kDone, copy);
  EXPECT_FALSE(std::filesystem::exists(path("state"))) << "a finished copy leaves no state";
  EXPECT_EQ(json(kDone, {"--store", two, "export", path("all").string()}).number({"exported"}), 5'000);
}

}  // namespace
}  // namespace loopstate::cli_test
