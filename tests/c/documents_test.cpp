// Documents through the interface for C: bodies as buffers, readers and writers by number.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "c/library.hpp"

namespace loopstate::c {
namespace {

class CDocuments : public testing::Test {
 protected:
  Answer call(const char* name, std::string_view json, const std::vector<std::string>& buffers = {}) const {
    return store_.call(name, json, buffers);
  }
  static std::string numbered(std::string_view kind, const Answer& opened) {
    return R"({")" + std::string(kind) + R"(":)" + opened.member(kind) + "}";
  }
  Answer open_writer() const {
    return call("documents.writer.open", R"({"user":"U1","collection":"c","key":"k"})");
  }
  Answer open_reader() const {
    return call("documents.reader.open", R"({"user":"U1","collection":"c","key":"k"})");
  }
  void put(const std::string& body) const {
    ASSERT_TRUE(call("documents.put", R"({"user":"U1","collection":"c","key":"k"})", {body}).ok());
  }

  TestStore store_;
};

TEST_F(CDocuments, ABodyIsAnyBytes) {
  std::string body;
  for (int i = 0; i < 256; ++i) body += static_cast<char>(i);
  put(body);
  const auto got = call("documents.get", R"({"user":"U1","collection":"c","key":"k"})");
  EXPECT_EQ(got.buffer(), body);
  EXPECT_EQ(got.member("size"), "256");
  EXPECT_EQ(got.member("version"), "1");
  EXPECT_EQ(got.member("meta"), "null");
  EXPECT_EQ(got.member("body"), "");
}

TEST_F(CDocuments, AListHasABufferForEachDocumentInOrder) {
  const auto appended =
      call("documents.append",
           R"({"user":"U1","collection":"d","documents":[{"meta":{"role":"user"}},{},{"lifetime":60}]})",
           {"one", "", "three"});
  EXPECT_EQ(appended.member("first"), "1");
  EXPECT_EQ(appended.member("last"), "3");
  const auto list = call("documents.list", R"({"user":"U1","collection":"d","descending":true,"limit":2})");
  ASSERT_EQ(list.buffers(), 2u);
  EXPECT_EQ(list.buffer(0), "three");
  EXPECT_EQ(list.buffer(1), "");
  EXPECT_EQ(list.member("next"), "00000000000000000002");
  const auto heads =
      call("documents.list",
           R"({"user":"U1","collection":"d","without_bodies":true,"after":"00000000000000000001"})");
  EXPECT_EQ(heads.buffers(), 2u);
  EXPECT_EQ(heads.buffer(1), "");
  EXPECT_EQ(heads.member("next"), "");
}

TEST_F(CDocuments, AVersionThatMovedOnIsAConflict) {
  put("1");
  put("2");
  const auto* const at_one = R"({"user":"U1","collection":"c","key":"k","at_version":1})";
  EXPECT_EQ(call("documents.put", at_one, {"3"}).code(), "VersionConflict");
  EXPECT_EQ(
      call("documents.put", R"({"user":"U1","collection":"c","key":"k","if_absent":true})", {"3"}).code(),
      "VersionConflict");
  EXPECT_EQ(call("documents.put",
                 R"({"user":"U1","collection":"c","key":"k","if_absent":true,"at_version":2})", {"3"})
                .code(),
            "InvalidArgument");
  EXPECT_EQ(call("documents.remove", at_one).code(), "VersionConflict");
  EXPECT_EQ(call("documents.remove", R"({"user":"U1","collection":"c","key":"k","at_version":2})").json(),
            "true");
}

TEST_F(CDocuments, AnAppendAtANumberThatIsTakenIsAConflict) {
  const auto append = [this](const std::string& number) {
    return call("documents.append",
                R"({"user":"U1","collection":"d","documents":[{}],"at_number":)" + number + "}", {"x"});
  };
  EXPECT_EQ(append("2").code(), "VersionConflict");
  EXPECT_EQ(append("1").member("last"), "1");
  EXPECT_EQ(append("1").code(), "VersionConflict");
  EXPECT_EQ(append("null").member("first"), "2");
  EXPECT_EQ(append("0").code(), "InvalidArgument");
  EXPECT_EQ(append("-1").code(), "InvalidArgument");
}

TEST_F(CDocuments, AnAppendToACollectionThatWasDroppedIsAConflict) {
  const auto append = [this](const std::string& generation) {
    const auto in = generation.empty() ? std::string() : R"(,"in_generation":")" + generation + '"';
    return call("documents.append", R"({"user":"U1","collection":"d","documents":[{}])" + in + "}", {"x"});
  };
  const auto generation = append("").member("generation");
  EXPECT_EQ(call("documents.list", R"({"user":"U1","collection":"d"})").member("generation"), generation);
  EXPECT_EQ(append(generation).member("last"), "2");
  ASSERT_TRUE(call("documents.drop", R"({"user":"U1","collection":"d"})").ok());
  EXPECT_EQ(append(generation).code(), "VersionConflict");
  EXPECT_EQ(call("documents.list", R"({"user":"U1","collection":"d"})").member("generation"), "");
}

TEST_F(CDocuments, ABodyThatIsTooLargeIsRefused) {
  EXPECT_EQ(call("documents.put", R"({"user":"U1","collection":"c","key":"k"})",
                 {std::string((64u << 20) + 1, 'x')})
                .code(),
            "ItemTooLarge");
}

TEST_F(CDocuments, TheDocumentsOfAnErasedUserCannotBeWritten) {
  put("1");
  ASSERT_TRUE(call("erase_user", R"({"user":"U1"})").ok());
  EXPECT_EQ(call("documents.put", R"({"user":"U1","collection":"c","key":"k"})", {"2"}).code(), "Erased");
  EXPECT_EQ(call("documents.get", R"({"user":"U1","collection":"c","key":"k"})").code(), "NotFound");
}

TEST_F(CDocuments, AWriterAndAReaderPassABodyOnInPieces) {
  const auto writer = open_writer();
  ASSERT_TRUE(writer.ok()) << writer.json();
  const auto number = numbered("writer", writer);
  std::string body;
  for (char c = 'a'; c < 'e'; ++c) {
    const std::string piece(1'000'000, c);
    ASSERT_TRUE(call("documents.writer.write", number, {piece}).ok());
    body += piece;
  }
  EXPECT_EQ(open_reader().code(), "NotFound");
  EXPECT_EQ(call("documents.writer.finish", number).json(), R"({"key":"k","version":1})");

  const auto reader = open_reader();
  ASSERT_EQ(reader.buffers(), 1u);
  EXPECT_EQ(reader.buffer(), "");
  std::string read;
  for (auto piece = call("documents.reader.next", numbered("reader", reader)); !piece.buffer().empty();
       piece = call("documents.reader.next", numbered("reader", reader))) {
    read += piece.buffer();
  }
  EXPECT_EQ(read, body);
  EXPECT_EQ(call("documents.reader.close", numbered("reader", reader)).json(), "null");
}

TEST_F(CDocuments, WhatIsWrongWithADocumentIsSaidWhenItsWriterIsOpened) {
  EXPECT_EQ(call("documents.writer.open", R"({"user":"U1","collection":"c","key":""})").code(),
            "InvalidArgument");
  EXPECT_EQ(call("documents.writer.open", R"({"user":"U1","collection":"c","key":"k","lifetime":0})").code(),
            "InvalidArgument");
}

TEST_F(CDocuments, AStreamThatHasEndedIsAnErrorExceptToEndItAgain) {
  put("x");
  const auto writer = numbered("writer", open_writer());
  ASSERT_TRUE(call("documents.writer.abandon", writer).ok());
  EXPECT_TRUE(call("documents.writer.abandon", writer).ok());
  EXPECT_EQ(call("documents.writer.write", writer, {"x"}).message(), "writer 1 is not open");
  EXPECT_EQ(call("documents.writer.finish", writer).message(), "writer 1 is not open");
  const auto reader = numbered("reader", open_reader());
  ASSERT_TRUE(call("documents.reader.close", reader).ok());
  EXPECT_TRUE(call("documents.reader.close", reader).ok());
  EXPECT_EQ(call("documents.reader.next", reader).message(), "reader 2 is not open");
}

TEST_F(CDocuments, ANumberThatIsNoStreamOfThisKindIsAnError) {
  put("x");
  const auto number = open_reader().member("reader");
  EXPECT_EQ(call("documents.writer.abandon", R"({"writer":)" + number + "}").message(),
            "writer 1 is not open");
  EXPECT_EQ(call("documents.reader.close", R"({"reader":99})").message(), "reader 99 is not open");
  EXPECT_EQ(call("documents.reader.next", R"({"reader":0})").message(), "reader 0 is not open");
  const TestStore other;
  EXPECT_EQ(other.call("documents.reader.next", R"({"reader":)" + number + "}").message(),
            "reader 1 is not open");
}

TEST_F(CDocuments, AReaderWhoseDocumentIsReplacedSaysSo) {
  put(std::string(3'000'000, 'x'));
  const auto reader = numbered("reader", open_reader());
  ASSERT_TRUE(call("documents.reader.next", reader).ok());
  put("y");
  EXPECT_EQ(call("documents.reader.next", reader).code(), "VersionConflict");
  EXPECT_TRUE(call("documents.reader.close", reader).ok());
}

TEST_F(CDocuments, AStreamTakesOneCallAtATime) {
  const auto writer = numbered("writer", open_writer());
  std::atomic<int> done = 0;
  std::atomic<int> busy = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (busy == 0 && done < 200) {
        const auto answer = call("documents.writer.write", writer, {std::string(200'000, 'x')});
        answer.ok() ? ++done : ++busy;
        EXPECT_TRUE(answer.ok() || answer.message() == "writer 1 is in use by another call") << answer.json();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GT(busy, 0);
  const auto size = std::to_string(200'000 * done);
  ASSERT_TRUE(call("documents.writer.finish", writer).ok());
  EXPECT_EQ(call("documents.get", R"({"user":"U1","collection":"c","key":"k"})").member("size"), size);
}

TEST_F(CDocuments, AsManyStreamsAsThereMayBeAndNoMore) {
  put("x");
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(open_reader().ok());
  EXPECT_EQ(open_reader().message(), "1000 readers and writers are open, which is as many as can be");
  ASSERT_TRUE(call("documents.reader.close", R"({"reader":500})").ok());
  EXPECT_TRUE(open_reader().ok());
}

}  // namespace
}  // namespace loopstate::c
