// Calls for documents that stand still anywhere in between, while others go on: whatever the order of their
// steps, they end as they would one after the other. So nothing that a call has stored is lost to one that
// goes on late, and nothing that was removed comes back.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "store/documents_fixture.hpp"
#include "store/gate.hpp"

namespace loopstate::testing {
namespace {

/// One that a test makes, in a place of its own, and what it answered.
struct Caller {
  Store store;
  Documents documents;
  UserId user;
};

struct Ending {
  std::vector<std::string> answers;
  std::string state;
  auto operator<=>(const Ending&) const = default;
};

std::string shown(const Ending& ending) {
  std::string text = ending.state + " |";
  for (const auto& answer : ending.answers) text += " " + answer;
  return text;
}

template <typename T>
std::string answer_of(const Result<T>& result, const std::function<std::string(const T&)>& show) {
  if (result) return show(*result);
  const auto code = result.error().code;
  // Which of the two it is depends on what the call had read.
  if (code == ErrorCode::VersionConflict || code == ErrorCode::Erased) return "refused";
  return std::string(to_string(code));
}

class DocumentsInterleavings : public DocumentsTest {
 protected:
  using Move = std::function<std::string(Caller&)>;

  static std::string large(char c) { return std::string(store::kMaxRowBodyBytes + 1, c); }

  std::string put_as(Caller& as, const std::string& body, DocumentOptions options = {}) {
    return answer_of<StoredDocument>(
        run(as.documents.put(as.user, chat(), "k", document(body), std::move(options))),
        // Its version depends on how far a `keep_last` has come, which is not done at once.
        [](const auto& /*stored*/) { return "stored"; });
  }
  std::string append_as(Caller& as, const std::vector<std::string>& bodies, AppendOptions options = {}) {
    return answer_of<AppendedDocuments>(
        run(as.documents.append(as.user, chat(), entries(bodies), std::move(options))),
        [](const auto& appended) { return fmt::format("{}-{}", appended.first, appended.last); });
  }
  std::string remove_as(Caller& as, DocumentOptions options = {}) {
    return answer_of<bool>(run(as.documents.remove(as.user, chat(), "k", std::move(options))),
                           [](const bool& removed) { return removed ? "removed" : "refused"; });
  }
  std::string drop_as(Caller& as) {
    return answer_of<bool>(run(as.documents.drop(as.user, chat())),
                           // Also the one that a put of a large body makes first, without documents.
                           [](const bool& /*whether there was one*/) { return "dropped"; });
  }
  std::string keep_last_as(Caller& as, std::uint64_t count) {
    return answer_of<std::uint64_t>(run(as.documents.keep_last(as.user, chat(), count)),
                                    [](const auto& removed) { return fmt::format("{}", removed); });
  }
  std::string erase_as(Caller& as) {
    return answer_of<EraseReceipt>(run(as.store.erase_user(as.user)),
                                   [](const auto& /*how much*/) { return "erased"; });
  }
  std::string revive_as(Caller& as) {
    return answer_of<Context>(run(as.store.get_or_init(as.user, InitOptions().revive())),
                              [](const auto& /*context*/) { return "there"; });
  }

  std::map<std::string, Move> moves() {
    return {
        {"put", [this](Caller& as) { return put_as(as, "p"); }},
        {"put-large", [this](Caller& as) { return put_as(as, large('P')); }},
        {"put-at-1", [this](Caller& as) { return put_as(as, "q", DocumentOptions().at_version(1)); }},
        {"put-large-at-1",
         [this](Caller& as) { return put_as(as, large('Q'), DocumentOptions().at_version(1)); }},
        {"put-if-absent", [this](Caller& as) { return put_as(as, "r", DocumentOptions().if_absent()); }},
        {"put-large-if-absent",
         [this](Caller& as) { return put_as(as, large('R'), DocumentOptions().if_absent()); }},
        {"append", [this](Caller& as) { return append_as(as, {"a"}); }},
        {"append-large", [this](Caller& as) { return append_as(as, {large('A'), "b"}); }},
        {"append-at-1", [this](Caller& as) { return append_as(as, {"c"}, AppendOptions().at_number(1)); }},
        {"append-large-at-1",
         [this](Caller& as) { return append_as(as, {large('C')}, AppendOptions().at_number(1)); }},
        {"append-at-3", [this](Caller& as) { return append_as(as, {"d"}, AppendOptions().at_number(3)); }},
        {"append-large-at-3",
         [this](Caller& as) { return append_as(as, {large('D')}, AppendOptions().at_number(3)); }},
        {"remove", [this](Caller& as) { return remove_as(as); }},
        {"remove-at-1", [this](Caller& as) { return remove_as(as, DocumentOptions().at_version(1)); }},
        {"drop", [this](Caller& as) { return drop_as(as); }},
        {"keep-last-1", [this](Caller& as) { return keep_last_as(as, 1); }},
        {"erase", [this](Caller& as) { return erase_as(as); }},
        {"revive", [this](Caller& as) { return revive_as(as); }},
    };
  }

  /// A user of its own for each run, with what is there before.
  UserId prepared(const std::string& before) {
    const auto id = user(fmt::format("U{}", ++users_));
    Caller first{store_, documents_, id};
    must(run(store_.get_or_init(id)));
    if (before == "context") return id;
    append_as(first, {"x", "y"});
    put_as(first, before == "large" ? large('K') : "k");
    return id;
  }

  std::string state_of(const UserId& id) {
    const auto context = run(store_.fetch(id));
    std::string state(context ? "there" : to_string(context.error().code));
    std::size_t expected = 0;
    const auto page = must(run(documents_.list(id, chat(), DocumentListOptions().max_bytes(20u << 20))));
    for (const auto& one : page.documents) {
      state += fmt::format(" {}={}{}", one.key.substr(one.key.find_first_not_of('0')), one.body.substr(0, 1),
                           one.size);
      expected += 1 + store::count_parts(one.size > store::kMaxRowBodyBytes ? one.size : 0);
    }
    table::Query query;
    query.pk = store::documents_partition({id.text(), "chat"});
    const auto found = must(run(engine_->query(query, {now()}))).items.size();
    if (found != expected) state += fmt::format(" and {} rows", found - expected);
    return state;
  }

  Caller caller(std::shared_ptr<table::Table> table, const UserId& id) {
    auto own = store::store_over(std::move(table), {}, clock_);
    return {own, Documents(own), id};
  }

  /// One after the other; the answers in the order of the names that were asked for.
  Ending one_by_one(const std::string& before, const std::vector<std::string>& names,
                    const std::vector<std::size_t>& order) {
    auto key = before;
    for (const auto at : order) key += "," + names[at];
    auto found = known_.find(key);
    if (found == known_.end()) {
      const auto id = prepared(before);
      Ending ending;
      for (const auto at : order) {
        auto as = caller(engine_, id);
        ending.answers.push_back(moves_.at(names[at])(as));
      }
      ending.state = state_of(id);
      found = known_.emplace(key, std::move(ending)).first;
    }
    Ending ending{std::vector<std::string>(names.size()), found->second.state};
    for (std::size_t at = 0; at < order.size(); ++at) ending.answers[order[at]] = found->second.answers[at];
    return ending;
  }

  /// What orders explain, each call at one moment between its first step and its last.
  std::set<Ending> possible(const std::string& before, const std::vector<std::string>& names,
                            const std::vector<Span>& spans) {
    std::vector<std::size_t> order(names.size());
    for (std::size_t at = 0; at < order.size(); ++at) order[at] = at;
    std::set<Ending> endings;
    do {
      bool fits = true;
      for (std::size_t first = 0; first < order.size(); ++first) {
        for (auto then = first + 1; then < order.size(); ++then) {
          fits = fits && spans[order[first]].begun <= spans[order[then]].ended;
        }
      }
      if (fits) endings.insert(one_by_one(before, names, order));
    } while (std::ranges::next_permutation(order).found);
    return endings;
  }

  /// The way to the engine of one caller, who waits at the gate before each request.
  std::shared_ptr<HookedTable> behind(Gate& gate, std::size_t at) {
    auto table = std::make_shared<HookedTable>(engine_);
    table->before_each_call([&gate, at] { gate.enter(at); });
    return table;
  }

  /// The calls, in an order of steps that the seed chooses. Most of the time the same one goes on.
  ::testing::AssertionResult is_explained(const std::string& before, const std::vector<std::string>& names,
                                          std::uint64_t seed) {
    const auto id = prepared(before);
    Gate gate(names.size());
    std::vector<std::string> answers(names.size());
    std::vector<Caller> callers;
    std::vector<std::function<void()>> calls;
    for (std::size_t at = 0; at < names.size(); ++at) {
      callers.push_back(caller(behind(gate, at), id));
    }
    for (std::size_t at = 0; at < names.size(); ++at) {
      calls.emplace_back([&, at] { answers[at] = moves_.at(names[at])(callers[at]); });
    }
    std::mt19937_64 random(seed);
    std::string steps;
    std::size_t last = 0;
    const auto spans = run_stepwise(gate, std::move(calls), [&](const std::vector<std::size_t>& waiting) {
      const bool goes_on = random() % 3 != 0 && std::ranges::count(waiting, last) != 0;
      if (!goes_on) last = waiting[random() % waiting.size()];
      steps += fmt::format("{}", last);
      return last;
    });
    const Ending ending{answers, state_of(id)};
    const auto explained = possible(before, names, spans);
    if (explained.contains(ending)) return ::testing::AssertionSuccess();
    auto failure = ::testing::AssertionFailure();
    failure << fmt::format("seed {}: {} before, {} in steps {}:\n  {}\n", seed, before, fmt::join(names, " "),
                           steps, shown(ending));
    for (const auto& one : explained) failure << "  not " << shown(one) << "\n";
    return failure;
  }

 private:
  std::map<std::string, Move> moves_ = moves();
  std::map<std::string, Ending> known_;
  std::size_t users_ = 0;
};
LOOPSTATE_STORE_SUITE(DocumentsInterleavings);

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST_P(DocumentsInterleavings, AnyOrderOfStepsEndsAsSomeOrderOfCalls) {
  const std::vector<std::string> befores{"context", "small", "large"};
  std::vector<std::string> all;
  for (const auto& [name, move] : moves()) all.push_back(name);
  const auto first = setting("LOOPSTATE_INTERLEAVINGS_SEED", 1);
  const auto count = setting("LOOPSTATE_INTERLEAVINGS", GetParam().is_server ? 20 : 60);
  for (auto seed = first; seed < first + count; ++seed) {
    std::mt19937_64 random(seed);
    const auto& before = befores[random() % befores.size()];
    std::vector<std::string> names(2 + random() % 3);
    for (auto& name : names) name = all[random() % all.size()];
    EXPECT_TRUE(is_explained(before, names, random()));
  }
}

TEST_P(DocumentsInterleavings, WhatKeepLastWasNotAskedAboutStays) {
  bool fired = true;
  for (std::size_t calls = 0; fired; ++calls) {
    begin_anew();
    must(append({"a", "b", "c"}));
    fired = false;
    table_->before_next_call(
        [&] {
          fired = true;
          must(drop());
          must(append({"new"}));
        },
        calls);
    must(run(documents_.keep_last(user(), chat(), 1)));
    if (fired) {
      EXPECT_EQ(bodies(), (std::vector<std::string>{"new"})) << calls;
    }
  }
}

TEST_P(DocumentsInterleavings, AnErasureIsOverForAUserWhoIsBroughtBackBeforeItsEnd) {
  for (const auto& options : {EraseOptions(), EraseOptions(request("e"))}) {
    bool was_erased = true;
    for (std::size_t calls = 0; was_erased; ++calls) {
      begin_anew();
      must(run(store_.get_or_init(user())));
      must(append({"a", large_body()}));
      bool fired = false;
      table_->before_next_call(
          [&] {
            fired = true;
            was_erased = refused_with(run(store_.fetch(user())), ErrorCode::Erased);
            must(run(store_.get_or_init(user(), InitOptions().revive())));
            must(put("k", "new"));
          },
          calls);
      must(run(store_.erase_user(user(), options)));
      if (!fired) break;
      if (was_erased) {
        EXPECT_EQ(bodies(), (std::vector<std::string>{"new"})) << calls;
      } else {
        EXPECT_TRUE(refused_with(put("k", "late"), ErrorCode::Erased)) << calls;
        was_erased = true;
      }
    }
  }
}

}  // namespace
}  // namespace loopstate::testing
