#include "port/random_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "port/random_values.hpp"
#include "port/text.hpp"

namespace loopstate::table {
namespace {

class Generator {
 public:
  explicit Generator(const SequenceOptions& options)
      : random_(options.seed), values_(random_, options.start), options_(options) {}

  std::vector<Step> all() {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < options_.steps; ++i) steps.push_back(step());
    return steps;
  }

 private:
  Step step() {
    switch (random_.weighted({10, 4, 40, 3, 18, 12, 3, 10})) {
      case 0:
        return GetStep{values_.key()};
      case 1:
        return BatchGetStep{keys(1 + random_.below(8))};
      case 2:
        return WriteStep{write()};
      case 3:
        return batch_put();
      case 4:
        return transact();
      case 5:
        return QueryStep{query()};
      case 6:
        return ScanStep{random_.below(4), 1 + static_cast<std::uint32_t>(random_.below(3))};
      default:
        return clock();
    }
  }

  std::vector<Key> keys(std::size_t count) {
    std::set<Key> unique;
    while (unique.size() < count) unique.insert(values_.key());
    std::vector<Key> keys(unique.begin(), unique.end());
    std::reverse(keys.begin(), keys.end());
    return keys;
  }

  Operation operation(Key key, std::size_t kinds) {
    switch (random_.below(kinds)) {
      case 0:
        return Put{values_.item(std::move(key)), values_.condition()};
      case 1:
        return Erase{std::move(key), values_.condition()};
      case 2:
      case 3:
        return UpdateItem{std::move(key), values_.update(), values_.condition()};
      default:
        return Check{std::move(key), values_.condition()};
    }
  }

  Operation write() { return operation(values_.key(), 4); }

  Step batch_put() {
    BatchPutStep step;
    for (auto& key : keys(1 + random_.below(5))) step.items.push_back(values_.item(std::move(key)));
    return step;
  }

  /// Now and then one that was made before: the same under its own token, or another under it.
  Step transact() {
    if (!made_.empty() && random_.one_in(5)) {
      TransactStep again = made_[random_.below(made_.size())];
      if (random_.one_in(4)) again.operations.front() = operation(key_of_front(again), 5);
      return again;
    }
    TransactStep step;
    for (auto& key : keys(1 + random_.below(6))) step.operations.push_back(operation(std::move(key), 5));
    step.token = ++tokens_;
    made_.push_back(step);
    if (made_.size() > 8) made_.erase(made_.begin());
    return step;
  }

  static Key key_of_front(const TransactStep& step) {
    const Operation& front = step.operations.front();
    if (const auto* put = std::get_if<Put>(&front)) return put->item.key;
    if (const auto* update = std::get_if<UpdateItem>(&front)) return update->key;
    if (const auto* erase = std::get_if<Erase>(&front)) return erase->key;
    return std::get<Check>(front).key;
  }

  Query query() {
    Query query;
    query.pk = values_.key().pk;
    query.descending = random_.one_in(2);
    query.limit = random_.below(5);
    switch (random_.below(4)) {
      case 0:
        query.range.prefix = values_.key().sk.substr(0, 1 + random_.below(2));
        break;
      case 1:
        query.range.first = values_.key().sk;
        break;
      case 2:
        query.range.last = values_.key().sk;
        break;
      default:
        break;
    }
    if (query.range.first && random_.one_in(2))
      query.range.last = std::max(*query.range.first, values_.key().sk);
    return query;
  }

  Step clock() {
    const ClockStep step{std::chrono::seconds(random_.one_in(6) ? 700 : 1 + random_.below(15))};
    values_.advance(step.by);
    if (!options_.tokens_follow_the_clock) made_.clear();
    return step;
  }

  Random random_;
  RandomValues values_;
  SequenceOptions options_;
  std::vector<TransactStep> made_;
  int tokens_ = 0;
};

template <typename T>
std::string lines(const std::vector<T>& elements) {
  std::string text;
  for (const T& element : elements) text += "\n      " + text_of(element);
  return text;
}

std::string range_text(const SortRange& range) {
  if (range.prefix) return " prefix " + *range.prefix;
  std::string text;
  if (range.first) text += " from " + *range.first;
  if (range.last) text += " to " + *range.last;
  return text;
}

}  // namespace

std::vector<Step> random_steps(const SequenceOptions& options) {
  return Generator(options).all();
}

std::string text_of(const Step& step) {
  struct {
    std::string operator()(const GetStep& get) const { return "get " + text_of(get.key); }
    std::string operator()(const BatchGetStep& batch) const { return "batch get" + lines(batch.keys); }
    std::string operator()(const WriteStep& write) const { return text_of(write.operation); }
    std::string operator()(const BatchPutStep& batch) const { return "batch put" + lines(batch.items); }
    std::string operator()(const TransactStep& transact) const {
      return fmt::format("transact, token {}:", transact.token) + lines(transact.operations);
    }
    std::string operator()(const QueryStep& step) const {
      return fmt::format("query {}{}{} limit {}", step.query.pk, range_text(step.query.range),
                         step.query.descending ? " descending" : "", step.query.limit);
    }
    std::string operator()(const ScanStep& scan) const {
      return fmt::format("scan in {} segments, limit {}", scan.segments, scan.limit);
    }
    std::string operator()(const ClockStep& clock) const {
      return fmt::format("clock +{} s", clock.by.count());
    }
  } text;
  return std::visit(text, step);
}

}  // namespace loopstate::table
