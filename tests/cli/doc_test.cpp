// doc put, get, list, append, rm, keep-last, collections, drop.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using ::testing::HasSubstr;

class DocCommands : public CliTest {
 protected:
  static std::string large() {
    std::string body(5u << 20, 'x');
    for (std::size_t at = 0; at < body.size(); at += 997) body[at] = static_cast<char>(at);
    return body;
  }
  std::string content_of(std::string_view name) const {
    std::ifstream file(path(name), std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
  }
};

TEST_F(DocCommands, BodiesOfAnyKindGoFromAndToFilesAndPipes) {
  const auto body = large();
  const auto file = write_file("body", body);
  EXPECT_EQ(json(kDone, {"doc", "put", "U1", "notes", "a", file}).number({"version"}), 1);
  EXPECT_EQ(json(kDone, {"doc", "put", "U1", "notes", "b", "--meta", R"({"of":"a pipe"})"}, body)
                .number({"version"}),
            1);
  const auto piped = text({"doc", "get", "U1", "notes", "b"});
  EXPECT_EQ(piped.status, kDone);
  EXPECT_TRUE(piped.out == body);
  const auto head = json(kDone, {"doc", "get", "U1", "notes", "a", path("copy")});
  EXPECT_EQ(head.number({"size"}), 5 << 20);
  EXPECT_TRUE(content_of("copy") == body);
  EXPECT_EQ(json(kDone, {"check"}).number({"found"}), 0);
}

/// Documents in rows and in parts, under keys and numbers; then what is done with them in a store that has
/// them from another.
class DocumentsElsewhere : public DocCommands {
 protected:
  void fill() {
    json(kDone, {"doc", "put", "U1", "files", "large", "-", "--meta", R"({"of":"5 MB"})", "--ttl", "30d"},
         large());
    const auto turn = write_file("turn", "hello");
    json(kDone, {"doc", "append", "U1", "chat", turn, "-", "--request-id", "r1"}, large());
    json(kDone, {"doc", "put", "U2", "notes", "k", "-"}, large());
    json(kDone, {"context", "init", "U2"});
    json(kDone, {"erase", "U2", "--yes"});
  }
  void has_everything(const std::string& store, const Document& files, const Document& chat) {
    EXPECT_EQ(json(kDone, {"--store", store, "doc", "list", "U1", "files"}).text.text(), files.text.text());
    EXPECT_EQ(json(kDone, {"--store", store, "doc", "list", "U1", "chat"}).text.text(), chat.text.text());
    EXPECT_TRUE(text({"--store", store, "doc", "get", "U1", "files", "large"}).out == large());
    EXPECT_TRUE(text({"--store", store, "doc", "get", "U1", "chat", "00000000000000000002"}).out == large());
    EXPECT_EQ(json(kDone, {"--store", store, "check"}).number({"found"}), 0);
    const std::vector<std::string> again = {
        "--store", store, "doc", "append", "U1", "chat", path("turn").string(), "-", "--request-id", "r1"};
    EXPECT_EQ(json(kDone, again, large()).number({"last"}), 2);
    EXPECT_EQ(json(kDone, {"--store", store, "doc", "append", "U1", "chat", "-"}, "next").number({"first"}),
              3);
    fails(kRefused, "Erased", {"--store", store, "doc", "put", "U2", "notes", "k", "-"}, "late");
  }
  std::string other(std::string_view name) const { return "embedded:" + path(name).string(); }
};

TEST_F(DocumentsElsewhere, AnExportThatIsImportedHasEveryDocument) {
  fill();
  const auto files = json(kDone, {"doc", "list", "U1", "files"});
  const auto chat = json(kDone, {"doc", "list", "U1", "chat"});
  json(kDone, {"export", path("all.jsonl").string()});
  json(kDone, {"--store", other("two.db"), "import", path("all.jsonl").string()});
  has_everything(other("two.db"), files, chat);
}

TEST_F(DocumentsElsewhere, ACopyHasEveryDocument) {
  fill();
  const auto files = json(kDone, {"doc", "list", "U1", "files"});
  const auto chat = json(kDone, {"doc", "list", "U1", "chat"});
  json(kDone, {"copy", url(), other("two.db")});
  has_everything(other("two.db"), files, chat);
}

TEST_F(DocumentsElsewhere, ABackupThatIsRestoredHasEveryDocument) {
  fill();
  const auto files = json(kDone, {"doc", "list", "U1", "files"});
  const auto chat = json(kDone, {"doc", "list", "U1", "chat"});
  json(kDone, {"backup", path("kept.db").string()});
  json(kDone, {"doc", "drop", "U1", "chat"});
  json(kDone, {"restore", path("kept.db").string(), "--replace"});
  has_everything(url(), files, chat);
  json(kDone, {"--store", other("two.db"), "restore", path("kept.db").string()});
  has_everything(other("two.db"), files, chat);
}

TEST_F(DocCommands, ListNamesTheDocumentsByPages) {
  json(kDone, {"doc", "put", "U1", "notes", "a", "-"}, "1");
  json(kDone, {"doc", "put", "U1", "notes", "b", "-", "--ttl", "1h"}, "22");
  const auto page = json(kDone, {"doc", "list", "U1", "notes", "--limit", "1"});
  EXPECT_EQ(page.member("documents").at(0).string({"key"}), "a");
  EXPECT_EQ(page.string({"next"}), "a");
  const auto rest = json(kDone, {"doc", "list", "U1", "notes", "--after", "a"});
  EXPECT_EQ(rest.member("documents").at(0).number({"size"}), 2);
  EXPECT_THAT(rest.text.text(), HasSubstr(R"("next":null)"));
  EXPECT_THAT(text({"doc", "list", "U1", "notes"}).out, HasSubstr("KEY"));
}

TEST_F(DocCommands, AppendInAGenerationRefusesACollectionThatWasMadeSince) {
  const auto append = [this](const std::string& generation) {
    return std::vector<std::string>{"doc", "append", "U1", "chat", "-", "--in-generation", generation};
  };
  const auto first = json(kDone, {"doc", "append", "U1", "chat", "-"}, "a").string({"generation"});
  EXPECT_EQ(json(kDone, {"doc", "list", "U1", "chat"}).string({"generation"}), first);
  EXPECT_EQ(json(kDone, append(first), "b").number({"last"}), 2);
  json(kDone, {"doc", "drop", "U1", "chat"});
  EXPECT_THAT(json(kDone, {"doc", "list", "U1", "chat"}).text.text(), HasSubstr(R"("generation":null)"));
  json(kDone, {"doc", "append", "U1", "chat", "-"}, "c");
  fails(kRefused, "VersionConflict", append(first), "d");
  fails(kRefused, "VersionConflict", append("-x"), "d");
}

TEST_F(DocCommands, AppendNumbersItsFilesOnceUnderARequestId) {
  const auto one = write_file("one", "first");
  const std::vector<std::string> line = {"doc", "append", "U1", "chat", one, "-", "--request-id", "r1"};
  EXPECT_EQ(json(kDone, line, "second").number({"last"}), 2);
  EXPECT_EQ(json(kDone, line, "second").number({"last"}), 2);
  EXPECT_EQ(text({"doc", "get", "U1", "chat", "00000000000000000002"}).out, "second");
  EXPECT_EQ(json(kDone, {"doc", "append", "U1", "chat", one}).number({"first"}), 3);
}

TEST_F(DocCommands, ConditionsAreRefusedWithStatus4) {
  json(kDone, {"doc", "put", "U1", "notes", "a", "-", "--if-absent"}, "1");
  fails(kRefused, "VersionConflict", {"doc", "put", "U1", "notes", "a", "-", "--if-absent"}, "2");
  fails(kRefused, "VersionConflict", {"doc", "put", "U1", "notes", "a", "-", "--version", "7"}, "2");
  fails(kRefused, "VersionConflict", {"doc", "rm", "U1", "notes", "a", "--version", "7"});
  EXPECT_EQ(json(kDone, {"doc", "put", "U1", "notes", "a", "-", "--version", "1"}, "2").number({"version"}),
            2);
  json(kDone, {"doc", "append", "U1", "chat", "-", "--at-number", "1"}, "1");
  fails(kRefused, "VersionConflict", {"doc", "append", "U1", "chat", "-", "--at-number", "1"}, "2");
  EXPECT_EQ(json(kDone, {"doc", "append", "U1", "chat", "-", "--at-number", "2"}, "2").number({"last"}), 2);
}

TEST_F(DocCommands, RemovedIsNotThere) {
  json(kDone, {"doc", "put", "U1", "notes", "a", "-"}, "1");
  json(kDone, {"doc", "put", "U1", "notes", "b", "-"}, "1");
  json(kDone, {"doc", "rm", "U1", "notes", "a"});
  EXPECT_EQ(text({"doc", "get", "U1", "notes", "a"}).status, kNotThere);
  json(kDone, {"doc", "drop", "U1", "notes"});
  EXPECT_EQ(text({"doc", "get", "U1", "notes", "b"}).status, kNotThere);
}

TEST_F(DocCommands, AnErasureSaysBeforeHowManyThereAre) {
  json(kDone, {"doc", "append", "U1", "chat", "-"}, large());
  json(kDone, {"doc", "put", "U1", "notes", "a", "-"}, "1");
  EXPECT_EQ(json(kDone, {"erase", "U1", "--dry-run"}).number({"documents"}), 2);
  json(kDone, {"erase", "U1", "--yes"});
  EXPECT_EQ(text({"doc", "get", "U1", "notes", "a"}).status, kNotThere);
  fails(kRefused, "Erased", {"doc", "put", "U1", "notes", "a", "-"}, "1");
}

TEST_F(DocCommands, MistakesTouchNothing) {
  json(kDone, {"init"});
  fails(kMisused, "InvalidArgument", {"doc", "put", "U1", "notes", "a", path("none")});
  fails(kMisused, "InvalidArgument", {"doc", "put", "U1", "notes", "a", "-", "--meta", "{"}, "1");
  fails(kMisused, "InvalidArgument", {"doc", "put", "U1", "notes", "a", "-", "--if-absent", "--version", "1"},
        "1");
  fails(kMisused, "InvalidArgument", {"doc", "append", "U1", "notes", "-", "--at-number", "0"}, "1");
  fails(kMisused, "InvalidArgument", {"doc", "list", "U1", "notes", "--limit", "0"});
  EXPECT_EQ(json(kMisused, {"doc", "get", "U1", "notes", "a"}).string({"error", "code"}), "InvalidArgument");
}

TEST_F(DocCommands, KeepLastRemovesAllButTheLastKeys) {
  const auto turn = write_file("turn", "x");
  json(kDone, {"doc", "append", "U1", "chat", turn, turn, turn});
  EXPECT_EQ(json(kDone, {"doc", "keep-last", "U1", "chat", "1"}).number({"removed"}), 2);
  EXPECT_EQ(json(kDone, {"doc", "list", "U1", "chat"}).member("documents").at(0).string({"key"}),
            "00000000000000000003");
  EXPECT_EQ(text({"doc", "keep-last", "U1", "chat", "0"}).out, "removed 1 document\n");
  EXPECT_EQ(json(kDone, {"doc", "keep-last", "U1", "chat", "0"}).number({"removed"}), 0);
  EXPECT_EQ(text({"doc", "keep-last", "U1", "chat", "some"}).status, kMisused);
}

TEST_F(DocCommands, CollectionsAreListedByName) {
  json(kDone, {"doc", "put", "U1", "notes", "a", "-"}, "1");
  EXPECT_EQ(text({"doc", "collections", "U2"}).out, "U2 has no collections\n");
  json(kDone, {"doc", "append", "U1", "chat", "-"}, "1");
  const auto found = json(kDone, {"doc", "collections", "U1"});
  EXPECT_EQ(found.at(0).string({"collection"}), "chat");
  EXPECT_EQ(found.at(0).number({"appended"}), 1);
  EXPECT_EQ(found.at(1).string({"collection"}), "notes");
  EXPECT_THAT(text({"doc", "collections", "U1"}).out, HasSubstr("COLLECTION"));
}

}  // namespace
}  // namespace loopstate::cli_test
