#include <set>

#include "cli/run_program.hpp"
#include "embedded/raw_record.hpp"

namespace loopstate::cli_test {
namespace {

// One line per item, as the Rust crate writes them; far from expiring.
constexpr const char* kRustCard =
    R"({"pk":{"S":"CARD#fpR"},"sk":{"S":"META"},"fingerprint":{"S":"fpR"},"user_pubkey":{"S":"U1"},)"
    R"("card_last4":{"S":"4242"},"linked_at":{"N":"1795575876"}})"
    "\n";
constexpr const char* kRustPending =
    R"({"pk":{"S":"USER#U1"},"sk":{"S":"PENDING#00000000001795575876"},"amount_cents":{"N":"1250"},"capture_data":)"
    R"({"S":"{\"merchant_id\":\"M1\",\"merchant_name\":\"Café\",\"amount_cents\":1250,\"card_last4\":\"4242\",)"
    R"(\"proof_data\":\"p\",\"proof_type\":\"square_pos\",\"location\":null,\"created_at\":1795575876,)"
    R"(\"expires_at\":4102444800}"},"created_at":{"N":"1795575876"},"merchant_id":{"S":"M1"},"ttl":{"N":"4102444800"}})"
    "\n";
constexpr const char* kRustSession =
    R"({"pk":{"S":"USER#U1"},"sk":{"S":"SESSION"},"expires_at":{"N":"4102444800"},"session_data":)"
    R"({"S":"{\"key_pubkey\":\"K\",\"vault_pubkey\":\"V\",\"scopes\":[\"read\",\"capture\"],\"expires_at\":4102444800,)"
    R"(\"created_at\":1795575876,\"max_actions\":5,\"actions_used\":1}"},"ttl":{"N":"4102444800"}})"
    "\n";

class CheckCommand : public CliTest {
 protected:
  // The kinds of all findings.
  static std::multiset<std::string> kinds(const Document& answer) {
    std::multiset<std::string> all;
    const auto findings = answer.member("findings");
    for (std::size_t i = 0; i < findings.size(); ++i) all.insert(findings.at(i).string({"kind"}));
    return all;
  }
  void import(std::string_view lines) const { json(kDone, {"import", "-", "--replace"}, std::string(lines)); }
};

using Kinds = std::multiset<std::string>;

TEST_F(CheckCommand, AHealthyStoreHasNoFindings) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"card", "link", "fp1", "U1"});
  json(kDone, {"session", "put", "U1", "-"},
       R"({"key_pubkey":"K","vault_pubkey":"V","scopes":[],"max_actions":2})");
  json(kDone, {"capture", "add", "U1", "-", "--txn", "t1"}, R"({"merchant_id":"M1","amount_cents":1})");
  json(kDone, {"txn", "claim", "t2"});
  json(kDone, {"location", "set", "U1", "M1"});
  json(kDone, {"location", "clear", "U1"});
  json(kDone, {"context", "init", "U2"});
  json(kDone, {"erase", "U2"});
  const auto answer = json(kDone, {"check"});
  EXPECT_EQ(answer.number({"found"}), 0) << answer.text.text();
  EXPECT_EQ(answer.number({"items"}), 9);
}

TEST_F(CheckCommand, NamesCorruptItemsAndLeavesThemAlone) {
  json(kDone, {"context", "init", "U2"});
  const char* corrupt =
      R"({"pk":{"S":"USER#U1"},"sk":{"S":"CONTEXT"},"context_data":{"S":"{broken"},"version":{"N":"1"},"updated_at":{"N":"1"}})";
  import(corrupt);
  const auto answer = json(kFailed, {"check", "--repair"});
  EXPECT_EQ(kinds(answer), Kinds{"CorruptItem"});
  EXPECT_EQ(answer.member("findings").at(0).string({"item"}), "USER#U1|CONTEXT");
  EXPECT_FALSE(answer.member("findings").at(0).boolean({"mended"}));
  fails(kFailed, "CorruptItem", {"context", "get", "U1"});
}

TEST_F(CheckCommand, SuggestsARepairOnlyWhereOneWouldMendSomething) {
  json(kDone, {"context", "init", "U0"});
  embedded::put_raw(path("store.db").string(), embedded::raw_key("USER#U0", "DAMAGED"));
  const auto damaged = text({"check"});
  EXPECT_EQ(damaged.status, kFailed);
  EXPECT_EQ(damaged.out.find("--repair"), std::string::npos) << damaged.out;
  EXPECT_NE(damaged.out.find("restore a backup"), std::string::npos) << damaged.out;
  import(kRustCard);
  EXPECT_NE(text({"check"}).out.find("--repair"), std::string::npos);
}

TEST_F(CheckCommand, StepsPastRecordsThatAreNoItemAndReportsEverythingElse) {
  json(kDone, {"context", "init", "U0"});
  import(std::string(kRustCard) + kRustPending);
  const auto file = path("store.db").string();
  const auto first = embedded::raw_key("CARD#fpA", "META");
  const auto second = embedded::raw_key("USER#U0", "CONTEXT");
  embedded::put_raw(file, first);
  embedded::put_raw(file, second);
  const auto found = json(kFailed, {"check"});
  EXPECT_EQ(kinds(found),
            (Kinds{"CardWithoutOwnerItem", "CorruptItem", "CorruptItem", "DamagedStore", "RingMissing"}));
  EXPECT_EQ(found.number({"items"}), 4);
  EXPECT_EQ(found.member("findings").at(0).string({"item"}), "digest") << "a record more than were written";
  EXPECT_EQ(found.member("findings").at(1).string({"item"}), "CARD#fpA|META");
  EXPECT_NE(found.member("findings").at(1).string({"detail"}).find("cannot be read"), std::string::npos);

  EXPECT_EQ(json(kFailed, {"check", "--repair"}).number({"mended"}), 2);
  const auto left = json(kFailed, {"check"});
  EXPECT_EQ(kinds(left), (Kinds{"CorruptItem", "CorruptItem", "DamagedStore"}));
  const auto said = text({"check"});
  EXPECT_EQ(said.status, kFailed);
  EXPECT_NE(said.out.find("USER#U0|CONTEXT"), std::string::npos) << said.out;
  for (const auto& key : {first, second}) EXPECT_EQ(embedded::get_raw(file, key), embedded::kDamagedValue);
}

TEST_F(CheckCommand, ExportAndCopyTakeAlongAllThatCanBeReadAndTellWhatIsLost) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"context", "init", "U2"});
  embedded::put_raw(path("store.db").string(), embedded::raw_key("USER#U1", "LOCATION"));
  const auto exported = json(kFailed, {"export", path("out").string()});
  EXPECT_EQ(exported.number({"exported"}), 2);
  EXPECT_EQ(exported.member("lost").size(), 1u);
  EXPECT_NE(exported.member("lost").at(0).string({"message"}).find("USER#U1"), std::string::npos);
  const auto copied = json(kFailed, {"copy", url(), "embedded:" + path("other.db").string()});
  EXPECT_EQ(copied.number({"written"}), 2);
  EXPECT_EQ(copied.member("lost").size(), 1u);
  EXPECT_EQ(json(kDone, {"--store", "embedded:" + path("other.db").string(), "check"}).number({"items"}), 2);
  fails(kFailed, "CorruptItem", {"snapshot", "U1"});
}

TEST_F(CheckCommand, AnErasureGoesPastADamagedRecordAndSaysThatItMayBeTheUsers) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"txn", "mark", "t1", "U2", "5"});
  embedded::put_raw(path("store.db").string(), embedded::raw_key("USER#U1", "LOCATION"));
  const auto receipt = json(kFailed, {"erase", "U2", "--scan"});
  EXPECT_EQ(receipt.number({"transactions_removed"}), 1);
  EXPECT_EQ(receipt.number({"unreadable"}), 1);
  EXPECT_NE(text({"erase", "U2", "--scan"}).out.find("loopstate check"), std::string::npos);
}

TEST_F(CheckCommand, GivesTheRustCratesCardsTheirOwnersItem) {
  import(kRustCard);
  EXPECT_EQ(json(kDone, {"card", "list", "U1"}).size(), 0u);
  EXPECT_EQ(kinds(json(kFailed, {"check"})), Kinds{"CardWithoutOwnerItem"});
  EXPECT_EQ(json(kDone, {"check", "--repair"}).number({"mended"}), 1);
  EXPECT_EQ(json(kDone, {"card", "list", "U1"}).at(0).string({"card_last4"}), "4242");
  EXPECT_EQ(json(kDone, {"check"}).number({"found"}), 0);
}

TEST_F(CheckCommand, RemovesAnOwnersItemOfACardThatIsNotTheirs) {
  import(
      R"({"pk":{"S":"USER#U1"},"sk":{"S":"CARD#fp1"},"card_last4":{"S":"4242"},"linked_at":{"N":"1795575876"}})");
  EXPECT_EQ(kinds(json(kFailed, {"check"})), Kinds{"OwnerItemWithoutCard"});
  EXPECT_EQ(json(kDone, {"check", "--repair"}).number({"mended"}), 1);
  EXPECT_EQ(json(kDone, {"card", "list", "U1"}).size(), 0u);
  EXPECT_EQ(json(kDone, {"check"}).number({"items"}), 0);
}

TEST_F(CheckCommand, TakesTheRustCratesCapturesIntoTheRing) {
  import(kRustPending);
  EXPECT_EQ(kinds(json(kFailed, {"check"})), Kinds{"RingMissing"});
  EXPECT_EQ(json(kDone, {"check", "--repair"}).number({"mended"}), 1);
  EXPECT_EQ(json(kDone, {"check"}).number({"found"}), 0);
  EXPECT_EQ(json(kDone, {"capture", "list", "U1"}).at(0).string({"merchant_name"}), "Café");
}

TEST_F(CheckCommand, WritesARingAnewThatNamesCapturesWhichAreNotThere) {
  json(kDone, {"capture", "add", "U1", "-"}, R"({"merchant_id":"M1","amount_cents":1})");
  auto lines = text({"export"}).out;
  const std::string ring = R"("ring":{"S":")";
  const auto at = lines.find(ring);
  ASSERT_NE(at, std::string::npos);
  lines.insert(at + ring.size(), R"(00000000004102444800#none\n)");
  import(lines);
  EXPECT_EQ(kinds(json(kFailed, {"check"})), Kinds{"RingDisagrees"});
  EXPECT_EQ(json(kDone, {"check", "--repair"}).number({"mended"}), 1);
  EXPECT_EQ(json(kDone, {"check"}).number({"found"}), 0);
  EXPECT_EQ(json(kDone, {"capture", "list", "U1"}).size(), 1u);
}

TEST_F(CheckCommand, AdoptsTheRustCratesSessions) {
  import(kRustSession);
  EXPECT_EQ(kinds(json(kFailed, {"check"})), Kinds{"SessionNotAdopted"});
  EXPECT_EQ(json(kDone, {"check", "--repair"}).number({"mended"}), 1);
  EXPECT_EQ(json(kDone, {"check"}).number({"found"}), 0);
  EXPECT_EQ(json(kDone, {"session", "authorize", "U1", "read"}).number({"actions_left"}), 3);
}

TEST_F(CheckCommand, FinishesAnErasureThatWasCutOff) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"erase", "U1"});
  import(std::string(kRustPending) + kRustCard);
  EXPECT_EQ(kinds(json(kFailed, {"check"})), (Kinds{"CardOfErasedUser", "ErasureUnfinished"}));
  EXPECT_EQ(json(kDone, {"check", "--repair"}).number({"mended"}), 2);
  const auto after = json(kDone, {"check"});
  EXPECT_EQ(after.number({"found"}), 0);
  EXPECT_EQ(after.number({"items"}), 1) << "only the tombstone is left";
}

TEST_F(CheckCommand, NamesItemsOfNoKnownKind) {
  import(R"({"pk":{"S":"X#1"},"sk":{"S":"A"}})");
  EXPECT_EQ(kinds(json(kFailed, {"check"})), Kinds{"UnknownItem"});
}

TEST_F(CheckCommand, AStoreThatIsNotThereIsNotMade) {
  fails(kNotThere, "TableNotFound", {"check"});
  EXPECT_FALSE(std::filesystem::exists(path("store.db")));
}

}  // namespace
}  // namespace loopstate::cli_test
