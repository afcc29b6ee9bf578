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
