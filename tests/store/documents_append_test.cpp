// Appends that are to get a certain number, or into a certain collection of that name, or not to be made.
#include <fmt/format.h>

#include "store/documents_fixture.hpp"

namespace loopstate::testing {
namespace {

class AppendAtANumber : public DocumentsTest {
 protected:
  /// More than any call here makes.
  static constexpr std::size_t kMostCalls = 60;

  static AppendOptions at(std::uint64_t number, CallOptions options = {}) {
    return AppendOptions(std::move(options)).at_number(number);
  }
  /// By another process, which the one of the test knows nothing of.
  void others_append(const std::vector<std::string>& bodies) {
    must(run(another_process().append(user(), chat(), entries(bodies))));
  }
  void others_drop() { EXPECT_TRUE(must(run(another_process().drop(user(), chat())))); }
  bool has_collection() { return !must(run(documents_.collections_of(user()))).empty(); }

  /// `others` happens before each of the calls of `append` in turn; `prepare` before them. `check` sees what
  /// came of it.
  template <typename Prepare, typename Others, typename Append, typename Check>
  void amid_each_call(Prepare prepare, Others others, Append append, Check check) {
    for (std::size_t calls = 0;; ++calls) {
      ASSERT_LT(calls, kMostCalls);
      begin_anew();
      prepare();
      documents_ = another_process();
      bool came = false;
      table_->before_next_call(
          [&] {
            others();
            came = true;
          },
          calls);
      const auto appended = append();
      if (!came) return;
      SCOPED_TRACE(calls);
      check(appended);
    }
  }
};
LOOPSTATE_STORE_SUITE(AppendAtANumber);

TEST_P(AppendAtANumber, IsMadeOnlyIfTheFirstGetsIt) {
  EXPECT_ERROR(append({"a"}, at(2)), VersionConflict);
  EXPECT_FALSE(has_collection());
  EXPECT_EQ(must(append({"a", "b"}, at(1))), (Numbers{1, 2}));
  EXPECT_ERROR(append({"c"}, at(2)), VersionConflict);
  EXPECT_ERROR(append({"c"}, at(4)), VersionConflict);
  EXPECT_ERROR(append({"c"}, at(UINT64_MAX)), VersionConflict);
  EXPECT_EQ(must(append({"c"}, at(3))), (Numbers{3, 3}));
  EXPECT_EQ(must(append({"d"})), (Numbers{4, 4}));
  EXPECT_EQ(bodies(), (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST_P(AppendAtANumber, ARefusalSaysWhereTheCollectionGoesOn) {
  must(append({"a", "b"}));
  const auto refused = append({"c"}, at(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "collection chat of user U1 goes on at 3, not at 2");
}

TEST_P(AppendAtANumber, ACollectionThatWasDroppedBeginsAtOne) {
  must(append({"a", "b"}));
  must(drop());
  EXPECT_ERROR(append({"c"}, at(3)), VersionConflict);
  EXPECT_FALSE(has_collection());
  EXPECT_EQ(must(append({"c"}, at(1))), (Numbers{1, 1}));
}

TEST_P(AppendAtANumber, ACollectionThatIsBeingEmptiedBeginsAtOne) {
  for (const std::uint64_t number : {1, 3}) {
    begin_anew();
    must(append({"a", large_body()}));
    auto stored = *row(store::collection_key("U1", "chat"));
    stored.attributes.set("state", "emptying");
    place(stored);
    documents_ = another_process();
    const auto appended = append({"c"}, at(number));
    if (number == 1) {
      EXPECT_EQ(must(appended), (Numbers{1, 1}));
      EXPECT_EQ(bodies(), (std::vector<std::string>{"c"}));
    } else {
      EXPECT_ERROR(appended, VersionConflict);
      EXPECT_EQ(rows(), 0u);
    }
  }
}

TEST_P(AppendAtANumber, WhatIsRememberedOfACollectionRefusesNothing) {
  must(append({"a"}));
  others_append({"b"});
  EXPECT_EQ(must(append({"c"}, at(3))), (Numbers{3, 3}));
  others_append({"d"});
  EXPECT_ERROR(append({"e"}, at(4)), VersionConflict) << "though it is the number remembered";
  others_drop();
  EXPECT_EQ(must(append({"f"}, at(1))), (Numbers{1, 1}));
  others_drop();
  EXPECT_ERROR(append({"g"}, at(2)), VersionConflict) << "though it is the number remembered";
  EXPECT_FALSE(has_collection());
}

TEST_P(AppendAtANumber, CostsWhatAnyAppendDoes) {
  must(append({"a"}));
  table_->take_calls();
  must(append({"b"}, at(2)));
  EXPECT_EQ(table_->take_calls(), 1u);
  documents_ = another_process();
  must(append({"c"}, at(3)));
  EXPECT_EQ(table_->take_calls(), 2u);
}

TEST_P(AppendAtANumber, ARefusalCostsOneRequestAndTeachesWhereToGoOn) {
  must(append({"a"}));
  table_->take_calls();
  EXPECT_ERROR(append({"b"}, at(1)), VersionConflict);
  EXPECT_EQ(table_->take_calls(), 1u) << "a look whether what is remembered still holds";
  others_append({"b"});
  table_->take_calls();
  EXPECT_ERROR(append({"c"}, at(2)), VersionConflict);
  EXPECT_EQ(table_->take_calls(), 1u) << "the write that was refused";
  must(append({"c"}, at(3)));
  EXPECT_EQ(table_->take_calls(), 1u);
  documents_ = another_process();
  EXPECT_ERROR(append({"d"}, at(3)), VersionConflict);
  must(append({"d"}, at(4)));
  EXPECT_EQ(table_->take_calls(), 2u);
}

TEST_P(AppendAtANumber, OfSeveralAtTheSameNumberOneIsMade) {
  constexpr std::size_t kWriters = 6;
  for (std::uint64_t number = 1; number < 10; number += 2) {
    std::vector<Task<Result<AppendedDocuments>>> tasks;
    std::vector<Documents> processes;
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
      if (writer % 2 == 0) processes.push_back(another_process());
      tasks.push_back(processes.back().append(
          user(), chat(), entries({fmt::format("{}", writer), fmt::format("{}!", writer)}), at(number)));
    }
    std::size_t made = 0;
    for (const auto& appended : run_together(std::move(tasks))) {
      if (appended) {
        ++made;
        EXPECT_EQ(*appended, (Numbers{number, number + 1}));
      } else {
        EXPECT_ERROR(appended, VersionConflict);
      }
    }
    EXPECT_EQ(made, 1u);
    EXPECT_EQ(bodies().size(), number + 1);
  }
}

TEST_P(AppendAtANumber, ARepetitionUnderARequestIdAnswersAsTheFirstDid) {
  const auto first = must(append({"a", "b"}, at(1, request("r"))));
  must(append({"c"}));
  EXPECT_EQ(must(append({"a", "b"}, at(1, request("r")))), first);
  documents_ = another_process();
  EXPECT_EQ(must(append({"a", "b"}, at(1, request("r")))), first);
  const auto large = must(append({large_body()}, at(4, request("l"))));
  EXPECT_EQ(must(append({large_body()}, at(4, request("l")))), large);
  EXPECT_EQ(rows(), 7u);
  must(drop());
  EXPECT_EQ(must(append({"a", "b"}, at(1, request("r")))), first);
  EXPECT_EQ(must(append({large_body()}, at(4, request("l")))), large);
  EXPECT_EQ(rows(), 0u);
  EXPECT_FALSE(has_collection());
}

TEST_P(AppendAtANumber, TheNumberIsPartOfWhatARequestIdNames) {
  must(append({"a"}, at(1, request("r"))));
  EXPECT_ERROR(append({"a"}, at(2, request("r"))), RequestIdReused);
  EXPECT_ERROR(append({"a"}, at(3, request("r"))), RequestIdReused);
  EXPECT_ERROR(append({"a"}, request("r")), RequestIdReused);
  must(append({"b"}, request("s")));
  EXPECT_ERROR(append({"b"}, at(2, request("s"))), RequestIdReused);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"a", "b"}));
}

TEST_P(AppendAtANumber, ARefusalLeavesTheRequestIdFree) {
  EXPECT_ERROR(append({"a"}, at(2, request("r"))), VersionConflict);
  must(append({"b"}));
  EXPECT_EQ(must(append({"a"}, at(2, request("r")))), (Numbers{2, 2}));
}

TEST_P(AppendAtANumber, ZeroIsNone) {
  EXPECT_ERROR(append({"a"}, at(0)), InvalidArgument);
  EXPECT_ERROR(append({}, at(7)), InvalidArgument);
  must(append({"a"}, at(1, request("r"))));
  EXPECT_ERROR(append({"a"}, at(0, request("r"))), InvalidArgument);
}

TEST_P(AppendAtANumber, OfAnErasedUserIsErased) {
  must(run(store_.get_or_init(user())));
  must(append({"a"}));
  must(run(store_.erase_user(user())));
  EXPECT_ERROR(append({"b"}, at(1)), Erased);
  EXPECT_ERROR(append({large_body()}, at(1)), Erased);
  EXPECT_ERROR(append({"b"}, at(2)), VersionConflict) << "there is no second one";
  EXPECT_EQ(rows(), 0u);
  must(run(store_.get_or_init(user(), InitOptions().revive())));
  EXPECT_EQ(must(append({"b"}, at(1))), (Numbers{1, 1}));
}

TEST_P(AppendAtANumber, OfALargeBodyIsRefusedBeforeAnythingIsWritten) {
  table_->take_calls();
  EXPECT_ERROR(append({large_body()}, at(2)), VersionConflict);
  EXPECT_FALSE(has_collection());
  must(append({"a"}));
  others_append({"b"});
  table_->take_calls();
  EXPECT_ERROR(append({large_body()}, at(2)), VersionConflict);
  EXPECT_EQ(table_->take_calls(), 1u);
  EXPECT_EQ(rows(), 2u);
  table_->take_calls();
  must(append({"c"}, at(3)));
  EXPECT_EQ(table_->take_calls(), 1u) << "the refusal taught where to go on";
  EXPECT_EQ(must(append({large_body(), "d"}, at(4))), (Numbers{4, 5}));
  EXPECT_EQ(rows(), 8u) << "three parts";
}

TEST_P(AppendAtANumber, OfALargeBodyLeavesNothingOfItselfIfOthersComeFirst) {
  amid_each_call([&] { must(append({"a"})); }, [&] { others_append({"other"}); },
                 [&] { return append({large_body(), "b"}, at(2)); },
                 [&](const Result<AppendedDocuments>& appended) {
                   if (appended) {
                     EXPECT_EQ(*appended, (Numbers{2, 3}));
                     EXPECT_EQ(rows(), 7u);
                   } else {
                     EXPECT_ERROR(appended, VersionConflict);
                     EXPECT_EQ(bodies(), (std::vector<std::string>{"a", "other"}));
                     EXPECT_EQ(rows(), 2u);
                   }
                 });
}

TEST_P(AppendAtANumber, OfALargeBodyMakesNoCollectionInPlaceOfOneThatWasDropped) {
  amid_each_call([&] { must(append({"a"})); }, [&] { others_drop(); },
                 [&] { return append({large_body(), "b"}, at(2)); },
                 [&](const Result<AppendedDocuments>& appended) {
                   if (!appended) {
                     EXPECT_ERROR(appended, VersionConflict);
                   }
                   EXPECT_FALSE(has_collection());
                   EXPECT_EQ(rows(), 0u);
                 });
}

TEST_P(AppendAtANumber, OfALargeBodyIsTheFirstAlsoInACollectionThatIsMadeAnew) {
  std::size_t written_again = 0;
  amid_each_call([&] {}, [&] { written_again += must(run(another_process().drop(user(), chat()))) ? 1 : 0; },
                 [&] { return append({large_body(), "b"}, at(1)); },
                 [&](const Result<AppendedDocuments>& appended) {
                   EXPECT_EQ(must(appended), (Numbers{1, 2}));
                   EXPECT_EQ(rows(), has_collection() ? 5u : 0u);
                 });
  EXPECT_GT(written_again, 0u);
}

class AppendInAGeneration : public AppendAtANumber {
 protected:
  static AppendOptions in(const std::string& generation, CallOptions options = {}) {
    return AppendOptions(std::move(options)).in_generation(generation);
  }
  /// The number that comes next is the same as before.
  void others_grow_it_anew() {
    others_drop();
    others_append({"anew"});
  }
};
LOOPSTATE_STORE_SUITE(AppendInAGeneration);

TEST_P(AppendInAGeneration, AppendsAndPagesNameTheGeneration) {
  EXPECT_EQ(list().generation, std::nullopt);
  const auto generation = must(append({"a"})).generation;
  EXPECT_FALSE(generation.empty());
  EXPECT_EQ(must(append({"b"})).generation, generation);
  EXPECT_EQ(list().generation, generation);
  EXPECT_EQ(list(DocumentListOptions().after(document_key(2))).generation, generation) << "of no documents";
  must(drop());
  EXPECT_EQ(list().generation, std::nullopt);
  const auto next = must(append({large_body()})).generation;
  EXPECT_NE(next, generation);
  EXPECT_EQ(list().generation, next);
}

TEST_P(AppendInAGeneration, IsMadeOnlyInThatOne) {
  const auto generation = must(append({"a"})).generation;
  EXPECT_EQ(must(append({"b"}, in(generation).at_number(2))), (Numbers{2, 2}));
  EXPECT_EQ(must(append({"c"}, in(generation))), (Numbers{3, 3}));
  must(drop());
  EXPECT_ERROR(append({"d"}, in(generation)), VersionConflict);
  EXPECT_ERROR(append({"d"}, in(generation).at_number(1)), VersionConflict);
  EXPECT_FALSE(has_collection());
  others_append({"other"});
  EXPECT_ERROR(append({"d"}, in(generation)), VersionConflict);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"other"}));
}

TEST_P(AppendInAGeneration, ALogThatWasGrownAnewToTheSameLengthIsToldFromTheOneThatWasRead) {
  for (const bool is_known : {true, false}) {
    begin_anew();
    const auto generation = must(append({"a"})).generation;
    others_grow_it_anew();
    if (!is_known) documents_ = another_process();
    const auto refused = append({"b"}, in(generation).at_number(2));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::VersionConflict);
    EXPECT_EQ(refused.error().message,
              "collection chat of user U1 is not the one that was read: it was dropped since");
    EXPECT_EQ(bodies(), (std::vector<std::string>{"anew"}));
    EXPECT_EQ(must(append({"b"}, in(*list().generation).at_number(2))), (Numbers{2, 2}));
  }
}

TEST_P(AppendInAGeneration, CostsWhatAnyAppendDoes) {
  const auto generation = must(append({"a"})).generation;
  table_->take_calls();
  must(append({"b"}, in(generation).at_number(2)));
  EXPECT_EQ(table_->take_calls(), 1u);
  documents_ = another_process();
  must(append({"c"}, in(generation).at_number(3)));
  EXPECT_EQ(table_->take_calls(), 2u);
  EXPECT_EQ(list().generation, generation);
  EXPECT_EQ(table_->take_calls(), 2u) << "as any list";
  others_drop();
  others_append({"a", "b", "c"});
  table_->take_calls();
  EXPECT_ERROR(append({"d"}, in(generation).at_number(4)), VersionConflict);
  EXPECT_EQ(table_->take_calls(), 1u) << "the write that was refused";
}

TEST_P(AppendInAGeneration, WhatIsRememberedOfACollectionRefusesNothing) {
  must(append({"a"}));
  others_grow_it_anew();
  const auto generation = *must(run(another_process().list(user(), chat()))).generation;
  EXPECT_EQ(must(append({"b"}, in(generation).at_number(2))), (Numbers{2, 2}));
}

TEST_P(AppendInAGeneration, OfALargeBodyIsRefusedBeforeAnythingIsWritten) {
  const auto generation = must(append({"a"})).generation;
  others_grow_it_anew();
  table_->take_calls();
  EXPECT_ERROR(append({large_body()}, in(generation)), VersionConflict);
  EXPECT_EQ(table_->take_calls(), 1u);
  must(drop());
  EXPECT_ERROR(append({large_body()}, in(generation)), VersionConflict);
  EXPECT_FALSE(has_collection());
  EXPECT_EQ(rows(), 0u);
}

TEST_P(AppendInAGeneration, IsNeverMadeInOneThatIsGrownAnewMeanwhile) {
  for (const auto& body : {std::string("b"), large_body()}) {
    std::string generation;
    std::size_t refused = 0;
    amid_each_call([&] { generation = must(append({"a"})).generation; }, [&] { others_grow_it_anew(); },
                   [&] { return append({body}, in(generation).at_number(2)); },
                   [&](const Result<AppendedDocuments>& appended) {
                     if (appended) {
                       EXPECT_EQ(appended->generation, generation);
                     } else {
                       EXPECT_ERROR(appended, VersionConflict);
                       ++refused;
                     }
                     EXPECT_EQ(bodies(), (std::vector<std::string>{"anew"}));
                     EXPECT_EQ(rows(), 1u);
                   });
    EXPECT_GT(refused, 0u);
  }
}

TEST_P(AppendInAGeneration, IsPartOfWhatARequestIdNames) {
  const auto generation = must(append({"a"})).generation;
  const auto first = must(append({"b"}, in(generation, request("r"))));
  EXPECT_EQ(first.generation, generation);
  others_grow_it_anew();
  EXPECT_EQ(must(append({"b"}, in(generation, request("r")))), first);
  EXPECT_ERROR(append({"b"}, in(*list().generation, request("r"))), RequestIdReused);
  EXPECT_ERROR(append({"b"}, request("r")), RequestIdReused);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"anew"}));
}

TEST_P(AppendInAGeneration, AnEmptyOneIsNone) {
  EXPECT_ERROR(append({"a"}, in("")), InvalidArgument);
}

}  // namespace
}  // namespace loopstate::testing
