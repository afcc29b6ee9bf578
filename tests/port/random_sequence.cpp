#include "port/random_sequence.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "port/model_table.hpp"
#include "port/text.hpp"

namespace loopstate::table {
namespace {

constexpr int kMaxPages = 10'000;
constexpr int kMaxShorterTries = 400;

/// One table at one moment: runs a step on it, and returns the answer as text.
class Asker {
 public:
  Asker(Runner& runner, Table& table, std::string tokens, Timestamp now)
      : runner_(runner), table_(table), tokens_(std::move(tokens)), call_{now, Deadline::max()} {}

  std::string answer(const Step& step) {
    return std::visit([this](const auto& one) { return ask(one); }, step);
  }

 private:
  static std::string text_of_error(const Error& error) { return fmt::format("{}", to_string(error.code)); }

  std::string ask(const GetStep& step) {
    const auto item = runner_.run(table_.get(step.key, call_));
    return item ? text_of(*item) : text_of_error(item.error());
  }

  std::string ask(const BatchGetStep& step) {
    const auto answers = runner_.run(table_.batch_get(step.keys, call_));
    if (!answers) return text_of_error(answers.error());
    std::string text;
    for (const auto& item : *answers)
      text += (item ? text_of(*item) : text_of_error(item.error())) + "\n      ";
    return text;
  }

  std::string ask(const WriteStep& step) {
    const auto outcome = write(step.operation);
    if (!outcome) return text_of_error(outcome.error());
    return (outcome->applied ? "applied, " : "refused, ") + text_of(outcome->item);
  }

  Result<WriteOutcome> write(const Operation& operation) {
    if (const auto* put = std::get_if<Put>(&operation)) return runner_.run(table_.put(*put, call_));
    if (const auto* update = std::get_if<UpdateItem>(&operation))
      return runner_.run(table_.update(*update, call_));
    return runner_.run(table_.erase(std::get<Erase>(operation), call_));
  }

  std::string ask(const BatchPutStep& step) {
    const auto done = runner_.run(table_.batch_put(step.items, call_));
    return done ? "done" : text_of_error(done.error());
  }

  std::string ask(const TransactStep& step) {
    const auto token = fmt::format("{}-{}", tokens_, step.token);
    const auto outcome = runner_.run(table_.transact(step.operations, token, call_));
    if (!outcome) return text_of_error(outcome.error());
    std::string text = outcome->applied ? "applied" : "refused";
    for (const auto& refusal : outcome->refusals) {
      text += fmt::format("\n      {}, {}", refusal.refused ? "refused" : "fine", text_of(refusal.item));
    }
    return text;
  }

  std::string ask(const QueryStep& step) {
    Query query = step.query;
    return pages(query.limit, [&](std::optional<std::string> cursor) {
      query.cursor = std::move(cursor);
      return runner_.run(table_.query(query, call_));
    });
  }

  /// In no particular order, so sorted.
  std::string ask(const ScanStep& step) {
    std::vector<std::string> texts;
    for (std::uint32_t segment = 0; segment < step.segments; ++segment) {
      Scan scan{step.limit, {}, segment, step.segments};
      pages(scan.limit, [&](std::optional<std::string> cursor) {
        scan.cursor = std::move(cursor);
        auto page = runner_.run(table_.scan(scan, call_));
        if (!page) texts.push_back(text_of_error(page.error()));
        if (page) {
          for (const Item& item : page->items) texts.push_back(text_of(item));
        }
        return page;
      });
    }
    std::sort(texts.begin(), texts.end());
    std::string text;
    for (const auto& line : texts) text += line + "\n      ";
    return text;
  }

  std::string ask(const ClockStep& step) {
    call_.now += step.by;
    return "";
  }

  /// All pages as one text: where they end is up to the engine.
  std::string pages(std::size_t limit, const auto& page_at) {
    std::string text;
    std::optional<std::string> cursor;
    for (int i = 0; i < kMaxPages; ++i) {
      const Result<Page> page = page_at(cursor);
      if (!page) return text_of_error(page.error());
      if (limit != 0 && page->items.size() > limit) text += "a page over its limit! ";
      for (const Item& item : page->items) text += text_of(item) + "\n      ";
      if (!page->next) return text;
      cursor = page->next;
    }
    return "pages without an end";
  }

  Runner& runner_;
  Table& table_;
  std::string tokens_;
  Call call_;
};

/// The failing steps without those that can be left out, as far as the tries go.
std::vector<Step> shorten(const Engine& engine, std::vector<Step> steps, Timestamp start) {
  int tries = 0;
  for (std::size_t size = steps.size() / 2; size > 0; size /= 2) {
    for (std::size_t at = 0; at + size <= steps.size() && ++tries <= kMaxShorterTries;) {
      std::vector<Step> fewer(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(at));
      fewer.insert(fewer.end(), steps.begin() + static_cast<std::ptrdiff_t>(at + size), steps.end());
      if (run_in_lockstep(engine, fewer, start)) {
        steps = std::move(fewer);
      } else {
        at += size;
      }
    }
  }
  return steps;
}

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace

std::optional<Disagreement> run_in_lockstep(const Engine& engine, const std::vector<Step>& steps,
                                            Timestamp start) {
  Runner runner;
  const auto table = engine.open(runner.executor());
  ModelTable model;
  const std::string tokens = fresh_token();
  Asker engine_asker(runner, *table, tokens, start);
  Asker model_asker(runner, model, tokens, start);
  for (std::size_t i = 0; i <= steps.size(); ++i) {
    const Step step = i < steps.size() ? steps[i] : Step(ScanStep{});
    const std::string expected = model_asker.answer(step);
    const std::string found = engine_asker.answer(step);
    if (found != expected) return Disagreement{i, found, expected};
  }
  return std::nullopt;
}

std::optional<std::string> find_disagreement(const Engine& engine, const SequenceOptions& options) {
  std::vector<Step> steps = random_steps(options);
  const auto first = run_in_lockstep(engine, steps, options.start);
  if (!first) return std::nullopt;
  steps.resize(std::min(first->step + 1, steps.size()));
  steps = shorten(engine, std::move(steps), options.start);
  const auto last = run_in_lockstep(engine, steps, options.start);
  std::string report = fmt::format("LOOPSTATE_SEED={} disagrees at step {}; {} steps are enough:\n",
                                   options.seed, first->step, steps.size());
  for (const Step& step : steps) report += "    " + text_of(step) + "\n";
  if (last && last->step == steps.size()) report += "    a scan of everything\n";
  const Disagreement& shown = last ? *last : *first;
  return report + "  the engine: " + shown.engine + "\n  the model:  " + shown.model + "\n";
}

TEST_P(RandomSequences, AgreeWithTheModel) {
  const bool one_seed = std::getenv("LOOPSTATE_SEED") != nullptr;
  const std::uint64_t seed = number_from_environment("LOOPSTATE_SEED", 1);
  const std::uint64_t count =
      number_from_environment("LOOPSTATE_SEQUENCES", one_seed ? 1 : GetParam().traits.random_sequences);
  for (std::uint64_t i = 0; i < count; ++i) {
    SequenceOptions options;
    options.seed = seed + i;
    options.tokens_follow_the_clock = GetParam().traits.tokens_follow_the_clock;
    const auto report = find_disagreement(GetParam(), options);
    ASSERT_FALSE(report) << *report;
  }
}

}  // namespace loopstate::table
