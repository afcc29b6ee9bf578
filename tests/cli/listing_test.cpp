// The commands that list across users, and txn show.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <set>
#include <sstream>

#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ListingCommands : public CliTest {
 protected:
  /// With --json: a document for each line.
  std::vector<Document> lines(int status, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "--json");
    const auto ran = text(std::move(arguments));
    EXPECT_EQ(ran.status, status) << ran.out << ran.err;
    std::vector<Document> documents;
    std::istringstream out(ran.out);
    for (std::string line; std::getline(out, line);) documents.push_back({JsonText::parse(line).value()});
    return documents;
  }
  void add(const std::string& user, int cents, const std::string& merchant = "M1",
           std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"capture", "add", user, "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    json(kDone, arguments,
         R"({"merchant_id":")" + merchant + R"(","currency":"EUR","amount_cents":)" + std::to_string(cents) +
             "}");
  }
  std::string message_of(std::vector<std::string> arguments) const {
    const auto ran = text(std::move(arguments));
    EXPECT_EQ(ran.status, kMisused) << ran.out;
    return ran.err;
  }
};

TEST_F(ListingCommands, UserListNamesEverybodyAndEndsWithThePage) {
  add("U1", 100);
  json(kDone, {"card", "link", "loop_fp_1", "U2"});
  const auto listed = lines(kDone, {"user", "list"});
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed[0].string({"user"}), "U1");
  EXPECT_EQ(listed[0].number({"pending"}), 1);
  EXPECT_EQ(listed[1].string({"user"}), "U2");
  EXPECT_EQ(listed[1].number({"cards"}), 1);
  EXPECT_EQ(listed[2].number({"page", "entries"}), 2);
  EXPECT_EQ(listed[2].number({"page", "unreadable"}), 0);
  EXPECT_THAT(listed[2].text.text(), HasSubstr(R"("next":null)"));
}

TEST_F(ListingCommands, APersonReadsColumnsAndAnEmptyStoreSaysWhatToDo) {
  json(kDone, {"init"});
  EXPECT_THAT(text({"user", "list"}).out, HasSubstr("context init USER"));
  add("U1", 100);
  const auto listed = text({"user", "list"});
  EXPECT_THAT(listed.out, HasSubstr("LAST TOUCHED"));
  EXPECT_THAT(listed.out, HasSubstr("U1"));
  EXPECT_EQ(listed.err, "") << "an embedded store charges nothing";
}

TEST_F(ListingCommands, AfterALimitTheTokenGoesOn) {
  for (const auto* user : {"U1", "U2", "U3", "U4", "U5"}) json(kDone, {"context", "init", user});
  std::set<std::string> found;
  std::vector<std::string> command{"user", "list", "--limit", "2"};
  for (int page = 0; page < 3; ++page) {
    const auto listed = lines(kDone, command);
    for (const auto& line : listed) {
      if (line.has({"user"})) {
        EXPECT_TRUE(found.insert(line.string({"user"})).second);
      }
    }
    if (page == 2) break;
    command = {"user", "list", "--limit", "2", "--after", listed.back().string({"page", "next"})};
  }
  EXPECT_EQ(found.size(), 5u);
  EXPECT_THAT(text({"user", "list", "--limit", "2"}).err,
              HasSubstr("There is more: the same command with --after "));
}

TEST_F(ListingCommands, ATokenOfAnotherStoreOrADamagedOneLeadsOut) {
  for (const auto* user : {"U1", "U2", "U3"}) json(kDone, {"context", "init", user});
  const auto token = lines(kDone, {"user", "list", "--limit", "1"}).back().string({"page", "next"});
  EXPECT_THAT(message_of({"user", "list", "--after", token.substr(0, 20)}),
              HasSubstr("without one, the answer begins at its first page"));
  EXPECT_THAT(message_of({"txn", "list", "--after", token}), HasSubstr("belongs to another question, users"));
  const auto other = "embedded:" + path("other.db").string();
  text({"--store", other, "context", "init", "U1"});
  EXPECT_THAT(message_of({"--store", other, "user", "list", "--after", token}), HasSubstr("another store's"));
}

TEST_F(ListingCommands, CaptureListAllTakesMerchantAgeAndEnd) {
  add("U1", 100, "M1", {"--txn", "square:P1"});
  add("U2", 200, "M2");
  auto all = lines(kDone, {"capture", "list", "--all"});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].string({"user"}), "U1");
  EXPECT_EQ(all[0].string({"transaction"}), "square:P1");
  EXPECT_EQ(all[0].number({"capture", "amount_cents"}), 100);
  EXPECT_EQ(lines(kDone, {"capture", "list", "--all", "--merchant", "M2"})[0].string({"user"}), "U2");
  EXPECT_EQ(lines(kDone, {"capture", "list", "--all", "--older-than", "1d"}).size(), 1u);
  EXPECT_EQ(lines(kDone, {"capture", "list", "--all", "--expires-within", "12h"}).size(), 1u);
  EXPECT_EQ(lines(kDone, {"capture", "list", "--all", "--expires-within", "22d"}).size(), 3u);
}

TEST_F(ListingCommands, WhatCannotBeMeantIsRefusedWithWhatCan) {
  json(kDone, {"context", "init", "U1"});
  EXPECT_THAT(message_of({"capture", "list"}), HasSubstr("Name a USER, or list --all"));
  EXPECT_THAT(message_of({"capture", "list", "U1", "--all"}), HasSubstr("not both"));
  EXPECT_THAT(message_of({"capture", "list", "U1", "--merchant", "M1"}), HasSubstr("goes with --all"));
  EXPECT_THAT(message_of({"capture", "list", "U1", "--limit", "1"}), HasSubstr("goes with --all or --ended"));
  EXPECT_THAT(message_of({"capture", "list", "--all", "--ended"}), HasSubstr("goes with a USER"));
  for (const auto* time : {"soon", "7w", "-1d", "99999999999d", "1.5h"}) {
    EXPECT_THAT(message_of({"capture", "list", "--all", std::string("--older-than=") + time}),
                HasSubstr("such as 90s, 30m, 12h or 7d"))
        << time;
  }
  for (const auto* limit : {"0", "many", "-3"}) {
    EXPECT_THAT(message_of({"user", "list", std::string("--limit=") + limit}), HasSubstr("--limit")) << limit;
  }
  EXPECT_THAT(message_of({"user", "list", "--read-units", "0"}), HasSubstr("--read-units"));
}

TEST_F(ListingCommands, AListMakesNoStore) {
  for (const auto& command : {std::vector<std::string>{"user", "list"},
                              {"txn", "list"},
                              {"txn", "show", "x"},
                              {"capture", "list", "--all"},
                              {"memory", "list", "U1"}}) {
    EXPECT_EQ(text(command).status, kNotThere) << command[0];
  }
  EXPECT_FALSE(std::filesystem::exists(path("store.db")));
}

TEST_F(ListingCommands, WhatEndedIsListedWithHow) {
  add("U1", 100);
  const auto id = json(kDone, {"capture", "list", "U1"}).at(0).string({"id"});
  json(kDone, {"capture", "settle", "U1", id});
  const auto ended = lines(kDone, {"capture", "list", "U1", "--ended"});
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(ended[0].string({"id"}), id);
  EXPECT_EQ(ended[0].string({"ending"}), "settled");
  EXPECT_THAT(text({"capture", "list", "U1", "--ended"}).out, HasSubstr("settled"));
}

TEST_F(ListingCommands, AReaderWhoHasReadEnoughIsNoFailure) {
  json(kDone, {"txn", "mark", "square:P1", "U1", "450"});
  // A pipe whose reader has gone.
  const auto command =
      "exec 3> >(true); wait \\$!; '" LOOPSTATE_PROGRAM "' --store '" + url() + "' txn list >&3";
  EXPECT_EQ(std::system(("bash -c \"" + command + "\"").c_str()), 0);
}

TEST_F(ListingCommands, MemoryListShowsEveryKey) {
  json(kDone, {"context", "init", "U1"});
  EXPECT_THAT(text({"memory", "list", "U1"}).out, HasSubstr("nothing is remembered about U1"));
  EXPECT_TRUE(lines(kDone, {"memory", "list", "U1"}).empty());
  json(kDone, {"memory", "set", "U1", "goal", R"({"by":"June"})"});
  json(kDone, {"memory", "set", "U1", "mood", "calm"});
  const auto listed = lines(kDone, {"memory", "list", "U1"});
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].string({"key"}), "goal");
  EXPECT_EQ(listed[0].string({"value", "by"}), "June");
  fails(kNotThere, "NotFound", {"memory", "list", "U2"});
}

TEST_F(ListingCommands, TxnListNamesWhatWasSeen) {
  json(kDone, {"txn", "mark", "square:P1", "U1", "450"});
  json(kDone, {"txn", "mark", "square:P2", "U2", "700"});
  EXPECT_EQ(lines(kDone, {"txn", "list"}).size(), 3u);
  const auto of_one = lines(kDone, {"txn", "list", "--user", "U2"});
  ASSERT_EQ(of_one.size(), 2u);
  EXPECT_EQ(of_one[0].string({"transaction"}), "square:P2");
  EXPECT_EQ(of_one[0].number({"amount_cents"}), 700);
}

TEST_F(ListingCommands, TxnShowTellsWhatBecameOfAPayment) {
  add("U1", 450, "M1", {"--txn", "square:P1"});
  auto told = lines(kDone, {"txn", "show", "P1"});
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].string({"transaction"}), "square:P1");
  EXPECT_EQ(told[0].string({"seen", "user"}), "U1");
  EXPECT_EQ(told[0].string({"capture", "state"}), "pending");
  EXPECT_THAT(text({"txn", "show", "P1"}).out, HasSubstr("pending until"));
  json(kDone, {"capture", "settle", "U1", told[0].string({"capture", "id"})});
  EXPECT_EQ(lines(kDone, {"txn", "show", "P1"})[0].string({"capture", "state"}), "settled");
  EXPECT_THAT(text({"txn", "show", "P1"}).out, HasSubstr("settled 20"));
}

TEST_F(ListingCommands, TxnShowTellsOfAClaimAndOfWhatADroppedCaptureWas) {
  json(kDone, {"txn", "claim", "square:P2", "x", "--holder", "worker-1"});
  EXPECT_THAT(text({"txn", "show", "P2"}).out, HasSubstr("held by worker-1, fence 1, until 20"));
  add("U1", 450, "M1", {"--txn", "square:P1"});
  for (int i = 0; i < 10; ++i) add("U1", i);
  EXPECT_THAT(text({"txn", "show", "P1"}).out, HasSubstr("a full ring made room for a later one"));
}

TEST_F(ListingCommands, TxnShowTellsHowLongAPurchaseWaitsForItsCard) {
  const auto waited = [](std::string_view id, std::string_view until) {
    return fmt::format(R"({{"pk":{{"S":"TXN#square:{}"}},"sk":{{"S":"WAITED"}},"since":{{"N":"1750000000"}},)"
                       R"("until":{{"N":"{}"}},"amount_cents":{{"N":"450"}},"currency":{{"S":"EUR"}}}})"
                       "\n",
                       id, until);
  };
  json(kDone, {"import", write_file("items.jsonl", waited("P1", "4102444800") + waited("P2", "1750000900"))});
  EXPECT_THAT(text({"txn", "show", "P1"}).out,
              AllOf(HasSubstr("4.50 EUR"), HasSubstr("waiting for its card to be linked until 2100-01-01")));
  EXPECT_EQ(lines(kDone, {"txn", "show", "P1"})[0].string({"wait", "state"}), "waiting");
  EXPECT_THAT(text({"txn", "show", "P2"}).out, HasSubstr("nobody linked its card by 2025-06-15"));
  EXPECT_EQ(lines(kDone, {"txn", "show", "P2"})[0].string({"wait", "state"}), "unlinked");
}

TEST_F(ListingCommands, TxnShowOfAnUnknownPaymentSaysUnderWhichNamesItLooked) {
  json(kDone, {"init"});
  fails(kNotThere, "NotFound", {"txn", "show", "X"});
  const auto ran = text({"txn", "show", "X"});
  EXPECT_THAT(ran.err, HasSubstr("X, square:X, stripe:X, fidel:X:clearing, fidel:X:refund"));
  EXPECT_THAT(ran.err, HasSubstr("nobody had linked its card"));
}

}  // namespace
}  // namespace loopstate::cli_test
