#include "embedded/damage_store.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <optional>

#include "embedded/embedded_table.hpp"
#include "port/runner.hpp"
#include "times.hpp"

namespace loopstate::embedded::damage_store {
namespace {

using table::Item;
using table::Value;

constexpr int kUsers = 160;
constexpr const char* kErased = "ERASED";
constexpr Timestamp kNow{std::chrono::seconds{1'700'000'000}};
const table::Call kCall{kNow, Deadline::max()};

std::string user(int number) {
  return fmt::format("USER#{:04}", number);
}

/// Long keys make a deep tree out of few items.
std::string long_key(const char* name) {
  return std::string(name) + std::string(180, '.');
}

Item state_of(int number, std::int64_t generation) {
  // Half of them expire at the same second, the others at several.
  const Timestamp end = kNow + 1'000'000s + (number % 2 == 0 ? 0 : 1 + number % 7) * 1s;
  return {{user(number), long_key("STATE")},
          {{"generation", Value::number(generation)}, {"ttl", Value::time(end)}}};
}

Item data_of(int number) {
  const auto bytes = static_cast<std::size_t>(number * 397 % 9000);
  return {{user(number), long_key("DATA")},
          {{"data", std::string(bytes, static_cast<char>('a' + number % 26))},
           {"user", Value::number(std::int64_t{number})}}};
}

template <typename T>
T must(Result<T> result) {
  if (!result) std::abort();
  return std::move(*result);
}

EmbeddedOptions options_for(const std::string& path) {
  EmbeddedOptions out;
  out.path = path;
  out.durability = Durability::ProcessDeath;
  out.map_bytes = std::size_t{64} << 20;
  return out;
}

bool is_same(const Item& left, const Item& right) {
  return left.key.pk == right.key.pk && left.key.sk == right.key.sk && left.attributes == right.attributes;
}

std::string name_of(const Item& item) {
  return item.key.pk + "|" + item.key.sk.substr(0, item.key.sk.find('.'));
}

/// Everything that may be found at a key; nothing: it may be absent.
using Allowed = std::vector<std::optional<Item>>;

class Probe {
 public:
  explicit Probe(std::shared_ptr<table::Table> table) : table_(std::move(table)) {
    for (auto& item : items()) {
      const auto key = std::pair(item.key.pk, item.key.sk);
      allowed_[key] = {std::move(item)};
    }
  }

  Verdict run() {
    look();
    for (int number = 0; number < kUsers; ++number) write_to(number);
    look();
    return std::move(verdict_);
  }

 private:
  void look() {
    for (const auto& [key, allowed] : allowed_) {
      const auto found = runner_.run(table_->get({key.first, key.second}, kCall));
      if (found) {
        judge(allowed, *found);
      } else {
        ++verdict_.errors;
      }
    }
    scan([this](table::Scan scan) { return runner_.run(table_->scan(std::move(scan), kCall)); });
    if (const auto snapshot = table_->snapshot()) {
      scan([&](table::Scan scan) { return runner_.run((*snapshot)->scan(std::move(scan), kCall)); });
    } else {
      ++verdict_.errors;
    }
    const auto findings = runner_.run(table_->inspect(kCall));
    verdict_.trouble = verdict_.trouble || !findings || !findings->empty();
  }

  template <typename Source>
  void scan(Source source) {
    std::map<std::pair<std::string, std::string>, Item> found;
    table::Scan scan;
    scan.past_damage = true;
    do {
      auto page = source(scan);
      if (!page) {
        ++verdict_.errors;
        return;
      }
      verdict_.errors += page->damaged.size();
      for (auto& item : page->items) {
        const auto key = std::pair(item.key.pk, item.key.sk);
        found[key] = std::move(item);
      }
      scan.cursor = page->next;
    } while (scan.cursor);
    for (const auto& [key, item] : found) {
      if (allowed_.contains(key)) continue;
      if (key.second == kErased) {
        note(verdict_.missing, "an item is there that was erased");
      } else {
        note(verdict_.wrong, "a scan gave an item that nobody wrote");
      }
    }
    for (const auto& [key, allowed] : allowed_) {
      const auto at = found.find(key);
      judge(allowed, at == found.end() ? std::nullopt : std::optional(at->second));
    }
  }

  void judge(const Allowed& allowed, const std::optional<Item>& found) {
    for (const auto& each : allowed) {
      if (each.has_value() == found.has_value() && (!each || is_same(*each, *found))) return;
    }
    if (!found) return note(verdict_.missing, "an item is missing");
    if (is_same(*found, before_last_commit())) return note(verdict_.missing, "an item is of an older state");
    note(verdict_.wrong, "wrong: " + name_of(*found));
  }

  void note(std::uint64_t& count, const std::string& what) {
    if (++count == 1) verdict_.first += what + "; ";
  }

  /// One new, one changed, one gone.
  void write_to(int number) {
    put({{user(number), long_key("NEW")}, {{"data", std::string(300, 'n')}}});
    put(state_of(number, 7));
    const Item data = data_of(number);
    settle(runner_.run(table_->erase({data.key, {}}, kCall)), data, std::nullopt);
  }

  void put(Item item) {
    auto done = runner_.run(table_->put({item, {}}, kCall));
    settle(std::move(done), item, item);
  }

  void settle(Result<table::WriteOutcome> done, const Item& at, std::optional<Item> after) {
    auto& allowed = allowed_[{at.key.pk, at.key.sk}];
    if (allowed.empty()) allowed.push_back(std::nullopt);
    if (done) {
      ++verdict_.written;
      allowed = {std::move(after)};
    } else if (done.error().code == ErrorCode::OutcomeUnknown) {
      allowed.push_back(std::move(after));
    }
  }

  table::Runner runner_{1};
  std::shared_ptr<table::Table> table_;
  std::map<std::pair<std::string, std::string>, Allowed> allowed_;
  Verdict verdict_;
};

}  // namespace

std::vector<Item> items() {
  std::vector<Item> out;
  for (int number = 0; number < kUsers; ++number) {
    out.push_back(state_of(number, number == 0 ? 2 : 1));
    out.push_back(data_of(number));
  }
  return out;
}

Item before_last_commit() {
  return state_of(0, 1);
}

void make(const std::string& path) {
  const auto table = must(open_embedded(options_for(path)));
  table::Runner runner(1);
  for (int number = 0; number < kUsers; ++number) {
    std::vector<table::Operation> operations;
    operations.emplace_back(table::Put{state_of(number, 1), {}});
    operations.emplace_back(table::Put{data_of(number), {}});
    operations.emplace_back(
        table::Put{{{user(number), kErased}, {{"data", std::string(number % 3 * 3000, 'g')}}}, {}});
    must(runner.run(table->transact(std::move(operations), fmt::format("token-{}", number), kCall)));
  }
  for (int number = 0; number < kUsers; ++number)
    must(runner.run(table->erase({{user(number), kErased}, {}}, kCall)));
  must(runner.run(table->put({state_of(0, 2), {}}, kCall)));
}

Verdict probe(const std::string& path) {
  auto table = open_embedded(options_for(path));
  if (table) return Probe(*table).run();
  Verdict refused;
  refused.trouble = true;
  return refused;
}

}  // namespace loopstate::embedded::damage_store
