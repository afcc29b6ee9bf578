#include "loopstate/document_stream.hpp"

#include <algorithm>

#include "store/documents_fixture.hpp"

namespace loopstate::testing {
namespace {

class DocumentStreams : public DocumentsTest {
 protected:
  static constexpr std::size_t kPiece = 100'000;

  DocumentWriter writer(std::string key, DocumentOptions options = {}) {
    return {documents_, user(), chat(), std::move(key), document(""), std::move(options)};
  }
  Result<StoredDocument> stream(std::string key, const std::string& body, DocumentOptions options = {}) {
    auto to = writer(std::move(key), std::move(options));
    for (std::size_t at = 0; at < body.size(); at += kPiece) {
      if (auto written = run(to.write(body.substr(at, kPiece))); !written) {
        return std::unexpected(written.error());
      }
    }
    return run(to.finish());
  }
  Result<std::string> read(std::string key) {
    DocumentReader from(documents_, user(), chat(), std::move(key));
    if (auto head = run(from.open()); !head) return std::unexpected(head.error());
    std::string all;
    while (true) {
      auto piece = run(from.next());
      if (!piece || piece->empty()) return piece ? Result<std::string>(all) : piece;
      EXPECT_LE(piece->size(), 4 * store::kMaxRowBodyBytes);
      all += *piece;
    }
  }
};
LOOPSTATE_STORE_SUITE(DocumentStreams);

TEST_P(DocumentStreams, BringABodyOfAnySizeInAndOut) {
  constexpr std::size_t kPart = store::kMaxRowBodyBytes;
  std::uint64_t version = 0;
  for (const auto size :
       {std::size_t{0}, std::size_t{1}, kPart, kPart + 1, 4 * kPart, 4 * kPart + 1, 9 * kPart}) {
    const auto body = large_body(size);
    EXPECT_EQ(must(stream("k", body)), (StoredDocument{"k", ++version})) << size;
    EXPECT_TRUE(must(read("k")) == body) << size;
    EXPECT_TRUE(must(get("k")).body == body) << size;
    EXPECT_EQ(rows(), 1 + (size > kPart ? (size + kPart - 1) / kPart : 0)) << size;
  }
}

TEST_P(DocumentStreams, WhatAPutStoredIsReadInPieces) {
  must(put("k", large_body(2u << 20)));
  EXPECT_TRUE(must(read("k")) == large_body(2u << 20));
  EXPECT_ERROR(read("none"), NotFound);
}

TEST_P(DocumentStreams, NothingIsThereBeforeTheEnd) {
  auto to = writer("k");
  must(run(to.write(large_body(3u << 20))));
  EXPECT_GT(rows(), 0u);
  EXPECT_ERROR(get("k"), NotFound);
  must(run(to.abandon()));
  EXPECT_EQ(rows(), 0u);
  EXPECT_ERROR(run(to.finish()), InvalidArgument);
  EXPECT_ERROR(run(to.write("x")), InvalidArgument);
}

TEST_P(DocumentStreams, AreTheSameWriteAsAPutUnderTheSameRequestId) {
  const auto body = large_body(2u << 20);
  EXPECT_EQ(must(stream("k", body, request("r"))).version, 1u);
  const auto before = rows();
  must(put("l", "other"));
  EXPECT_EQ(must(stream("k", body, request("r"))).version, 1u);
  EXPECT_EQ(must(put("k", body, request("r"))).version, 1u);
  EXPECT_EQ(rows(), before + 1) << "a repetition leaves nothing";
  EXPECT_ERROR(stream("k", large_body(1u << 20), request("r")), RequestIdReused);
}

TEST_P(DocumentStreams, ARefusalLeavesNothing) {
  must(put("k", "a"));
  EXPECT_ERROR(stream("k", large_body(3u << 20), DocumentOptions().if_absent()), VersionConflict);
  EXPECT_EQ(rows(), 1u);
}

TEST_P(DocumentStreams, OneThatIsRefusedOrRepeatedMakesNoCollection) {
  const auto no_collection = [this] { return must(run(documents_.collections_of(user()))).empty(); };
  const auto body = large_body(3u << 20);
  EXPECT_ERROR(stream("k", body, DocumentOptions().at_version(3)), VersionConflict);
  EXPECT_ERROR(stream(document_key(1), body), InvalidArgument);
  EXPECT_TRUE(no_collection());
  const auto stored = must(stream("k", body, request("r")));
  const auto first = must(stream("l", body, DocumentOptions(request("f")).if_absent()));
  must(drop());
  EXPECT_EQ(must(stream("k", body, request("r"))), stored);
  EXPECT_EQ(must(stream("l", body, DocumentOptions(request("f")).if_absent())), first);
  EXPECT_ERROR(stream("k", body + "x", request("r")), RequestIdReused);
  EXPECT_TRUE(no_collection());
  EXPECT_EQ(rows(), 0u);
}

TEST_P(DocumentStreams, AtAVersionARepetitionIsAnsweredThoughTheVersionIsAnotherNow) {
  const auto body = large_body(3u << 20);
  must(put("k", "a"));
  const auto stored = must(stream("k", body, DocumentOptions(request("r")).at_version(1)));
  EXPECT_EQ(must(stream("k", body, DocumentOptions(request("r")).at_version(1))), stored);
  EXPECT_EQ(stored.version, 2u);
}

TEST_P(DocumentStreams, ARequestIdThatEndsAmidARepetitionStoresNoDocumentWithoutItsBody) {
  const auto body = large_body(3u << 20);
  must(stream("k", body, request("r")));
  must(remove("k"));
  advance(std::chrono::hours(23));
  auto to = writer("k", request("r"));
  must(run(to.write(body)));
  advance(std::chrono::hours(1));
  EXPECT_ERROR(run(to.finish()), Unavailable);
  EXPECT_ERROR(get("k"), NotFound);
  must(stream("k", body, request("r")));
  EXPECT_TRUE(must(read("k")) == body);
}

TEST_P(DocumentStreams, ABodyThatIsTooLongIsRefusedWhereItIs) {
  auto to = writer("k");
  EXPECT_ERROR(run(to.write(std::string(kMaxDocumentBytes + 1, 'x'))), ItemTooLarge);
  EXPECT_ERROR(run(to.finish()), ItemTooLarge);
  EXPECT_ERROR(get("k"), NotFound);
}

TEST_P(DocumentStreams, AnErasureAmidOneIsFinal) {
  must(run(store_.get_or_init(user())));
  auto to = writer("k");
  must(run(to.write(large_body(3u << 20))));
  must(run(store_.erase_user(user())));
  EXPECT_EQ(rows(), 0u);
  EXPECT_FALSE(run(to.write(large_body(3u << 20))));
  EXPECT_FALSE(run(to.finish()));
  EXPECT_EQ(rows(), 0u);
  EXPECT_ERROR(stream("k", large_body(3u << 20)), Erased);
}

TEST_P(DocumentStreams, ADropAmidOneIsAConflict) {
  auto to = writer("k");
  must(run(to.write(large_body(3u << 20))));
  EXPECT_TRUE(must(drop()));
  EXPECT_ERROR(run(to.finish()), VersionConflict);
  EXPECT_ERROR(get("k"), NotFound);
  EXPECT_EQ(rows(), 0u);
}

TEST_P(DocumentStreams, OneThatTakesTooLongNamesNothingThatMayBeGone) {
  using std::chrono::hours;
  for (const bool pauses : {false, true}) {
    auto to = writer("k");
    must(run(to.write(large_body(3u << 20))));
    advance(hours(12) + seconds(1));
    if (pauses) {
      EXPECT_ERROR(run(to.write(large_body(3u << 20))), DeadlineExceeded);
    }
    EXPECT_ERROR(run(to.finish()), DeadlineExceeded);
    must(run(to.abandon()));
    EXPECT_ERROR(get("k"), NotFound);
    EXPECT_EQ(rows(), 0u);
  }
  NewDocument head;
  head.lifetime = seconds(1);
  DocumentWriter in_time(documents_, user(), chat(), "k", named(head));
  must(run(in_time.write(large_body(3u << 20))));
  advance(hours(12));
  must(run(in_time.finish()));
  EXPECT_EQ(must(get("k")).body.size(), 3u << 20);
}

TEST_P(DocumentStreams, AReaderOfWhatIsReplacedIsTold) {
  must(put("k", large_body(3u << 20)));
  DocumentReader from(documents_, user(), chat(), "k");
  EXPECT_EQ(must(run(from.open())).size, 3u << 20);
  must(run(from.next()));
  must(put("k", "b"));
  EXPECT_ERROR(run(from.next()), VersionConflict);
  EXPECT_EQ(must(run(from.open())).size, 1u);
  EXPECT_EQ(must(run(from.next())), "b");
}

}  // namespace
}  // namespace loopstate::testing
