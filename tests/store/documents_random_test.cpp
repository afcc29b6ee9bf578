// Random calls for documents, against a model of maps: every answer, page and version is the model's.
//   LOOPSTATE_DOCUMENTS_SEED=N       begins with the sequence of that seed, as a failure prints it
//   LOOPSTATE_DOCUMENTS_SEQUENCES=N  runs that many
#include <fmt/format.h>

#include <cstdlib>
#include <random>

#include "store/documents_fixture.hpp"
#include "store/documents_model.hpp"

namespace loopstate::testing {
namespace {

std::uint64_t number_in_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return text == nullptr ? otherwise : std::stoull(text);
}

class RandomDocuments : public DocumentsTest {
 protected:
  using Place = DocumentsModel::Place;
  static constexpr int kSteps = 250;

  void begin_anew(std::uint64_t seed) {
    DocumentsTest::begin_anew();
    others_ = another_process();
    random_.seed(seed);
    model_ = {};
    highest_.clear();
    repetitions_.clear();
    requests_ = 0;
    must(run(store().get_or_init(user("U1"))));
    must(run(store().get_or_init(user("U#2"))));
  }
  Store store() { return documents_.store(); }

  std::size_t below(std::size_t count) { return random_() % count; }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <typename T>
  const T& any_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  Place any_place() {
    return {any_of<std::string>({"U1", "U#2"}),
            any_of<std::string>({"chat", "2#chat", "#", std::string(200, 'c')})};
  }
  std::string any_key(const Place& place) {
    const auto* collection = model_.find(place);
    if (collection != nullptr && !collection->documents.empty() && one_in(2)) {
      const auto at = static_cast<std::ptrdiff_t>(below(collection->documents.size()));
      return std::next(collection->documents.begin(), at)->first;
    }
    return any_of<std::string>({"a", "a#", "a/b", "\x01", "\xF4\x8F\xBF\xBF", "\xC3\xA9",
                                std::string(400, 'k'), "k", "0000000000000000001", document_key(3), "P#",
                                "D#"});
  }
  NewDocument any_content(bool may_be_large) {
    NewDocument made;
    const auto size = one_in(12) && may_be_large ? (300u << 10) + below(200u << 10) : below(400);
    made.body.resize(size);
    for (std::size_t at = 0; at < size; at += 97) made.body[at] = static_cast<char>(random_());
    if (one_in(3)) made.meta = *JsonText::parse(fmt::format("{{\"n\":{}}}", below(1000)));
    if (one_in(5)) made.lifetime = seconds(1 + below(20));
    return made;
  }
  UserId user_of(const Place& place) { return user(place.first); }
  CollectionId of(const Place& place) { return chat(place.second); }

  /// A call whose repetition, whenever it comes, has the same answer and does nothing.
  template <typename Call>
  auto once(Call call) {
    if (!one_in(3)) return call(CallOptions());
    auto options = request(fmt::format("r{}", ++requests_));
    auto answer = call(options);
    if (answer) {
      repetitions_.push_back([this, call, options, answer] { EXPECT_EQ(must(call(options)), *answer); });
    }
    return answer;
  }

  void wrote(const Place& place, const std::string& key, std::uint64_t version) {
    auto& highest = highest_[{place, key}];
    EXPECT_GT(version, highest);
    highest = version;
  }

  void put() {
    const auto place = any_place();
    const auto key = any_key(place);
    const auto content = any_content(true);
    const auto found = model_.version_of(place, key);
    std::optional<std::uint64_t> expected;
    if (one_in(3)) expected = one_in(2) ? found : below(4);
    const auto stored = once([=, this](CallOptions options) {
      return run(documents_.put(user_of(place), of(place), key, named(content),
                                DocumentOptions(std::move(options)).at_version(expected)));
    });
    if (expected && *expected != found) {
      EXPECT_ERROR(stored, VersionConflict);
    } else if (found == 0 && document_number(key)) {
      EXPECT_ERROR(stored, InvalidArgument);
    } else {
      EXPECT_EQ(must(stored).key, key);
      wrote(place, key, stored->version);
      model_.put(place, key, content, stored->version, now());
    }
  }
  void append() {
    const auto place = any_place();
    std::vector<NewDocument> contents(1 + below(one_in(10) ? kMaxAppendedDocuments : 3));
    for (auto& content : contents) content = any_content(contents.size() < 4);
    const auto next = model_.next_number(place);
    std::optional<std::uint64_t> expected;
    if (one_in(3)) expected = one_in(2) ? next : 1 + below(8);
    const auto appended = once([=, this](CallOptions options) {
      return run(documents_.append(user_of(place), of(place), contents,
                                   AppendOptions(std::move(options)).at_number(expected)));
    });
    if (expected && *expected != next) {
      EXPECT_ERROR(appended, VersionConflict);
      return;
    }
    const auto first = model_.append(place, contents.size());
    EXPECT_EQ(must(appended), (Numbers{first, first + contents.size() - 1}));
    for (std::size_t at = 0; at < contents.size(); ++at) {
      const auto key = document_key(first + at);
      const auto stored = must(run(documents_.get(user_of(place), of(place), key)));
      wrote(place, key, stored.version);
      model_.put(place, key, contents[at], stored.version, now());
    }
  }
  void get() {
    const auto place = any_place();
    const auto key = any_key(place);
    const auto found = run(documents_.get(user_of(place), of(place), key));
    const auto* expected = model_.find(place, key);
    if (expected == nullptr) {
      EXPECT_ERROR(found, NotFound);
    } else {
      EXPECT_TRUE(must(found) == *expected) << key;
    }
  }
  void list() {
    const auto place = any_place();
    DocumentListOptions options;
    if (one_in(4)) {
      options.prefix(any_of<std::string>({"a", "0000", "\xF4\x8F\xBF\xBF", "a#"}));
    } else if (one_in(3)) {
      auto first = any_key(place), last = any_key(place);
      if (last < first) std::swap(first, last);
      options.from(first).to(last);
    }
    options.descending(one_in(2)).without_bodies(one_in(3)).limit(1 + below(one_in(2) ? 4 : 1000));
    options.max_bytes(one_in(2) ? below(1000) : 10u << 20);
    std::optional<std::string> next;
    do {
      options.after(next);
      const auto page = must(run(documents_.list(user_of(place), of(place), options)));
      const auto expected = model_.list(place, options);
      ASSERT_EQ(page.documents.size(), expected.documents.size());
      EXPECT_TRUE(page.documents == expected.documents);
      ASSERT_EQ(page.next, expected.next);
      next = page.next;
    } while (next);
  }
  void remove() {
    const auto place = any_place();
    const auto key = any_key(place);
    const auto removed = once([=, this](CallOptions options) {
      return run(documents_.remove(user_of(place), of(place), key, std::move(options)));
    });
    EXPECT_EQ(must(removed), model_.remove(place, key));
  }
  void keep_last() {
    const auto place = any_place();
    const auto count = below(12);
    EXPECT_EQ(must(run(documents_.keep_last(user_of(place), of(place), count))),
              model_.keep_last(place, count));
  }
  void drop() {
    const auto place = any_place();
    const auto dropped = once([=, this](CallOptions options) {
      return run(documents_.drop(user_of(place), of(place), std::move(options)));
    });
    EXPECT_EQ(must(dropped), model_.drop(place));
  }
  void collections() {
    const auto name = any_place().first;
    std::vector<std::pair<std::string, std::uint64_t>> found;
    for (const auto& one : must(run(documents_.collections_of(user(name)))))
      found.emplace_back(one.collection.text(), one.appended);
    EXPECT_EQ(found, model_.collections_of(name));
  }
  void erase() {
    const auto place = any_place();
    const auto& name = place.first;
    must(run(store().erase_user(user(name))));
    model_.erase(name);
    std::erase_if(highest_, [&](const auto& one) { return one.first.first.first == name; });
    EXPECT_ERROR(run(documents_.append(user(name), of(place), entries({"late"}))), Erased);
    must(run(store().get_or_init(user(name), InitOptions().revive())));
  }
  void pass_time() {
    advance(seconds(1 + below(8)));
    model_.expire(now());
  }

  void step() {
    const auto kind = below(100);
    if (kind < 25) return put();
    if (kind < 40) return append();
    if (kind < 55) return get();
    if (kind < 70) return list();
    if (kind < 78) return remove();
    if (kind < 82) return keep_last();
    if (kind < 85) return drop();
    if (kind < 88) return collections();
    if (kind < 89) return erase();
    if (kind < 94) return pass_time();
    if (kind < 97) {
      // Those that come back remember the collections as they were.
      std::swap(documents_, others_);
      if (one_in(2)) documents_ = another_process();
    }
    if (kind >= 97 && !repetitions_.empty()) any_of(repetitions_)();
  }

  Documents others_{store_};
  std::mt19937_64 random_;
  DocumentsModel model_;
  std::map<std::pair<Place, std::string>, std::uint64_t> highest_;
  std::vector<std::function<void()>> repetitions_;
  int requests_ = 0;
};
LOOPSTATE_STORE_SUITE(RandomDocuments);

TEST_P(RandomDocuments, AnswerAsMapsWould) {
  const auto first = number_in_environment("LOOPSTATE_DOCUMENTS_SEED", 1);
  const auto count = number_in_environment("LOOPSTATE_DOCUMENTS_SEQUENCES", GetParam().is_server ? 3 : 6);
  for (auto seed = first; seed < first + count; ++seed) {
    begin_anew(seed);
    for (int at = 0; at < kSteps; ++at) {
      SCOPED_TRACE(fmt::format("step {}; again: LOOPSTATE_DOCUMENTS_SEED={}", at, seed));
      ASSERT_NO_THROW(step());
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace loopstate::testing
