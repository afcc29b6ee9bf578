// Messages that lead: what somebody types wrong is answered with what is wrong with it, and with the way out.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kFingerprint =
    "loop_fp_7e08d81b4d0bd5c8c76e2cc5cf4ffef1f0e8e7a0a7a2f0f0c5dfb0ad3b3c1b11";

class Messages : public CliTest {
 protected:
  // With the program's own settings only.
  static Ran plain(std::vector<std::string> arguments) { return run_program({std::move(arguments), "", {}}); }
  Ran on(const std::string& store, std::vector<std::string> arguments) const {
    return run_program({std::move(arguments), "", {{"LOOPSTATE_URL", store}}});
  }
};

TEST_F(Messages, AStoreWithoutItsEngineIsBlamedOnWhatNamedIt) {
  const auto option = plain({"--store", "./shop.db", "snapshot", "U1"});
  EXPECT_EQ(option.status, kMisused);
  EXPECT_THAT(option.err, AllOf(HasSubstr("--store is \"./shop.db\""), HasSubstr("write embedded:./shop.db"),
                                Not(HasSubstr("LOOPSTATE_URL"))));
  EXPECT_THAT(on("shop.db", {"snapshot", "U1"}).err,
              AllOf(HasSubstr("LOOPSTATE_URL is \"shop.db\""), HasSubstr("embedded:shop.db")));
  EXPECT_THAT(plain({"copy", "./a.db", "embedded:./b.db"}).err, HasSubstr("FROM is \"./a.db\""));
  EXPECT_THAT(plain({"copy", "embedded:./a.db", "sqlite:b"}).err,
              AllOf(HasSubstr("TO is \"sqlite:b\""), HasSubstr("embedded:PATH or dynamodb:TABLE")));
}

TEST_F(Messages, AMissingFolderIsNamedAndNoScratchFile) {
  const auto folder = path("none").string();
  const auto ran = on("embedded:" + folder + "/shop.db", {"init"});
  EXPECT_EQ(ran.status, kNotThere);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("there is no folder " + folder), HasSubstr("create the folder first"),
                             Not(HasSubstr(".new-"))));
}

TEST_F(Messages, OnlyWhatAddsSomethingMakesAStore) {
  const std::vector<std::vector<std::string>> others = {
      {"context", "get", "U1"},
      {"context", "batch", "U1"},
      {"context", "patch", "U1", "preferences.auto_stake", "false"},
      {"memory", "get", "U1", "k"},
      {"memory", "set", "U1", "k", "1"},
      {"memory", "forget", "U1", "k"},
      {"card", "lookup", "fp"},
      {"card", "unlink", "fp"},
      {"card", "list", "U1"},
      {"txn", "check", "t"},
      {"txn", "extend", "t", "1"},
      {"txn", "complete", "t", "1", "U1", "1"},
      {"txn", "release", "t", "1"},
      {"session", "get", "U1"},
      {"session", "authorize", "U1", "pay"},
      {"session", "revoke", "U1"},
      {"capture", "list", "U1"},
      {"capture", "settle", "U1", "c"},
      {"location", "get", "U1"},
      {"location", "clear", "U1"},
      {"snapshot", "U1"},
      {"erase", "U1"},
      {"export"},
      {"check"},
  };
  for (const auto& line : others) {
    const auto ran = text(line);
    EXPECT_EQ(ran.status, kNotThere) << line.front() << " " << line.back() << ran.out << ran.err;
    EXPECT_THAT(ran.err, AllOf(HasSubstr("there is no store at " + path("store.db").string()),
                               HasSubstr("loopstate init"), HasSubstr("--store")))
        << line.front() << " " << line.back();
    EXPECT_FALSE(std::filesystem::exists(path("store.db"))) << line.front() << " " << line.back();
  }
  EXPECT_EQ(text({"backup", path("copy").string()}).status, kNotThere);
  EXPECT_FALSE(std::filesystem::exists(path("store.db")));
  json(kDone, {"card", "link", "fp", "U1"});
  EXPECT_TRUE(std::filesystem::exists(path("store.db")));
}

TEST_F(Messages, ACardLinkedTheWrongWayRoundIsRefused) {
  const auto ran = text({"card", "link", "U1", std::string(kFingerprint)});
  EXPECT_EQ(ran.status, kMisused);
  EXPECT_THAT(ran.err, HasSubstr("the order is 'card link FP USER'"));
  EXPECT_FALSE(std::filesystem::exists(path("store.db")));
}

TEST_F(Messages, AFingerprintThatNoAgentComputesIsNoted) {
  const auto ran = text({"card", "link", "fp1", "U1"});
  EXPECT_EQ(ran.status, kDone);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("note: "), HasSubstr("fp1"), HasSubstr("no payment will find it")));
  EXPECT_EQ(json(kDone, {"card", "link", "fp1", "U1"}).member("notes").size(), 1u);
  const auto right = text({"card", "link", std::string(kFingerprint), "U1"});
  EXPECT_EQ(right.status, kDone);
  EXPECT_EQ(right.err, "");
  EXPECT_FALSE(json(kDone, {"card", "link", std::string(kFingerprint), "U1"}).has({"notes"}));
}

TEST_F(Messages, AnUnknownUserIsLedToContextInit) {
  json(kDone, {"context", "init", "U1"});
  const std::vector<std::vector<std::string>> lines = {
      {"memory", "get", "U9", "goal"},
      {"memory", "set", "U9", "goal", "1"},
      {"memory", "forget", "U9", "goal"},
      {"context", "get", "U9"},
      {"context", "patch", "U9", "preferences.auto_stake", "false"}};
  for (const auto& line : lines) {
    const auto ran = text(line);
    EXPECT_EQ(ran.status, kNotThere);
    EXPECT_THAT(ran.err, HasSubstr("'loopstate context init U9'")) << line[0] << " " << line[1];
  }
  const auto known = text({"memory", "get", "U1", "goal"});
  EXPECT_EQ(known.status, kNotThere);
  EXPECT_THAT(known.err, AllOf(HasSubstr("no memory goal"), Not(HasSubstr("context init"))));
}

TEST_F(Messages, ASlipInAMembersNameIsRefusedAndNotSwallowed) {
  json(kDone, {"context", "init", "U1"});
  const auto ran =
      text({"capture", "add", "U1", "-"}, R"({"merchant_id":"M1","amount_cents":5,"curency":"JPY"})");
  EXPECT_EQ(ran.status, kMisused);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("\"curency\""), HasSubstr("did you mean \"currency\"?")));
  EXPECT_EQ(json(kDone, {"capture", "list", "U1"}).size(), 0u);
  EXPECT_THAT(
      text({"capture", "add", "U1", "-"},
           R"({"merchant_id":"M","amount_cents":5,"location":{"latitude":1,"longitude":2,"accuracy_m":3,)"
           R"("accuracym":1}})")
          .err,
      HasSubstr("did you mean \"location.accuracy_m\"?"));
  EXPECT_THAT(text({"session", "put", "U1", "-"},
                   R"({"key_pubkey":"k","vault_pubkey":"v","scopes":["pay"],"max_actions":1,"expires_ta":9})")
                  .err,
              HasSubstr("did you mean \"expires_at\"?"));
}

TEST_F(Messages, AMemberOfAnotherProgramIsKeptAndNoted) {
  json(kDone, {"context", "init", "U1"});
  const auto ran = text({"capture", "add", "U1", "-"}, R"({"merchant_id":"M1","amount_cents":5,"till":"7"})");
  EXPECT_EQ(ran.status, kDone);
  EXPECT_THAT(ran.err, HasSubstr("does not know the member \"till\""));
  EXPECT_EQ(json(kDone, {"capture", "list", "U1"}).at(0).string({"till"}), "7");
}

TEST_F(Messages, AHeldClaimIsNotUnheardOf) {
  json(kDone, {"txn", "claim", "t1", "x", "--holder", "worker-7"});
  const auto held = text({"txn", "check", "t1"});
  EXPECT_EQ(held.status, kNotThere);
  EXPECT_THAT(held.out, AllOf(HasSubstr("t1 is not done yet: worker-7 works on it under fence 1 until"),
                              Not(HasSubstr("has not been seen"))));
  const auto answer = json(kNotThere, {"txn", "check", "t1"});
  EXPECT_FALSE(answer.boolean({"processed"}));
  EXPECT_EQ(answer.string({"claim", "holder"}), "worker-7");
  EXPECT_EQ(answer.number({"claim", "fence"}), 1);
  json(kDone, {"txn", "release", "t1", "1"});
  EXPECT_THAT(text({"txn", "check", "t1"}).out, HasSubstr("gave it back"));
  EXPECT_FALSE(json(kNotThere, {"txn", "check", "t2"}).has({"claim"}));
  EXPECT_THAT(text({"txn", "check", "t2"}).out, HasSubstr("t2 has not been seen"));
}

TEST_F(Messages, AFullDiskAsksForRoom) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit little{8192, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &little), 0);
  const auto as_text = text({"context", "init", "U1"});
  const auto as_json = run_program({{"--json", "context", "init", "U1"}, "", {{"LOOPSTATE_URL", url()}}});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(as_text.status, kFailed);
  EXPECT_THAT(as_text.err, AllOf(HasSubstr("make room"), Not(HasSubstr("may succeed later"))));
  EXPECT_THAT(as_json.out, AllOf(HasSubstr("StorageFull"), HasSubstr("\"retryable\":false")));
}

TEST_F(Messages, DoctorAndErrorsSayWhatToDoAboutABrokenFile) {
  json(kDone, {"context", "init", "U1"});
  std::filesystem::resize_file(path("store.db"), 30'000);
  for (const auto& ran : {text({"doctor"}), text({"snapshot", "U1"})}) {
    EXPECT_EQ(ran.status, kFailed);
    EXPECT_THAT(ran.out + ran.err,
                AllOf(HasSubstr("truncated"), HasSubstr("loopstate restore FILE --replace")));
  }
  const auto letter = write_file("letter.txt", "Dear reader, this is no store.");
  EXPECT_THAT(on("embedded:" + letter, {"doctor"}).out,
              HasSubstr("Check what --store or LOOPSTATE_URL names"));
  EXPECT_THAT(on("embedded:" + path("none.db").string(), {"doctor"}).out, HasSubstr("loopstate init"));
}

TEST_F(Messages, ASecondAgentOnOnePortIsToldWhatToDo) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(bind(socket, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(listen(socket, 1), 0);
  ASSERT_EQ(getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const auto port = std::to_string(ntohs(address.sin_port));
  const auto ran = run_program({{"agent", "--listen", "127.0.0.1:" + port},
                                "",
                                {{"LOOPSTATE_URL", url()},
                                 {"STRIPE_WEBHOOK_SECRET", "whsec_x"},
                                 {"LOOPSTATE_PEPPER", "YSBkZW1vIHBlcHBlciB0aGF0IG5vYm9keSBtYXkgdXNl"}}});
  close(socket);
  EXPECT_EQ(ran.status, kFailed);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("port " + port), HasSubstr("is an agent running already?"),
                             HasSubstr("ss -ltnp"), HasSubstr("--listen HOST:PORT")));
}

TEST_F(Messages, AnAgentWithPublicSecretsServesThisMachineAlone) {
  for (const auto* listen : {"0.0.0.0:0", "192.0.2.1:80", "[::]:0"}) {
    const auto ran = text({"agent", "--demo", "--listen", listen});
    EXPECT_EQ(ran.status, kMisused) << listen;
    EXPECT_THAT(ran.err, HasSubstr("anybody can make up payments")) << listen;
  }
  const auto table = run_program({{"agent", "--demo"}, "", {{"LOOPSTATE_URL", "dynamodb:production"}}});
  EXPECT_EQ(table.status, kMisused);
  EXPECT_THAT(table.err, HasSubstr("not for dynamodb:production"));
  EXPECT_FALSE(std::filesystem::exists(path("store.db")));
}

TEST_F(Messages, AnAgentWithPublicSecretsKeepsOutOfAStoreWithAPepperOfItsOwn) {
  // It settles its pepper before it finds that it cannot listen there.
  const auto real =
      run_program({{"agent", "--listen", "192.0.2.1:1"},
                   "",
                   {{"LOOPSTATE_URL", url()},
                    {"STRIPE_WEBHOOK_SECRET", "whsec_x"},
                    {"LOOPSTATE_PEPPER", "YSBwZXBwZXIgdGhhdCBpcyBub3QgdGhlIGRlbW8ncywgYnV0IHJlYWw="}}});
  ASSERT_THAT(real.err, HasSubstr("cannot listen on 192.0.2.1"));
  const auto demo = text({"agent", "--demo", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(demo.status, kMisused);
  EXPECT_THAT(demo.err, HasSubstr("--store embedded:./demo.db"));
  EXPECT_THAT(text({"user", "list"}).out, Not(HasSubstr("demo-shopper")));
}

TEST_F(Messages, AnAgentWithPublicSecretsKeepsOutOfAStoreWithCardsOfAnAgent) {
  const auto fingerprint = "loop_fp_" + std::string(64, 'a');
  ASSERT_EQ(text({"card", "link", fingerprint, "U1", "--last4", "4242"}).status, kDone);
  const auto demo = text({"agent", "--demo", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(demo.status, kMisused);
  EXPECT_THAT(demo.err, HasSubstr("--store embedded:./demo.db"));
  EXPECT_THAT(text({"pepper", "status"}).out, HasSubstr("no agent has used a pepper on this store yet"));
}

}  // namespace
}  // namespace loopstate::cli_test
