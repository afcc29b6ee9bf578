#include "store/session_spends.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <span>

#include "store/attributes.hpp"
#include "store/write_id.hpp"

namespace loopstate::store {
namespace {

// "{second:020}:{id}"
constexpr std::size_t kSecondDigits = 20;

std::string spend_time(UnixSeconds second, std::string_view id) {
  return fmt::format("{:020}:{}", second, id);
}

const std::vector<std::string>* set_of(const table::Item& row, std::string_view name) {
  const auto* value = row.find(name);
  const auto* set = value == nullptr ? nullptr : value->string_set();
  return set == nullptr ? nullptr : &set->values;
}

struct Spend {
  UnixSeconds second = 0;
  std::string id;
  std::string stamp;  // its entry among the spend times, if it has one
};

std::vector<Spend> oldest_first(const table::Item& row, const std::vector<std::string>& ids) {
  std::map<std::string_view, std::string_view> stamps;
  if (const auto* times = set_of(row, attribute::kSpendTimes)) {
    for (const std::string_view stamp : *times) {
      if (stamp.size() > kSecondDigits) stamps.emplace(stamp.substr(kSecondDigits + 1), stamp);
    }
  }
  std::vector<Spend> spends;
  spends.reserve(ids.size());
  for (const auto& id : ids) {
    Spend spend{0, id, ""};
    if (const auto stamp = stamps.find(id); stamp != stamps.end()) {
      spend.stamp = stamp->second;
      std::from_chars(spend.stamp.data(), spend.stamp.data() + kSecondDigits, spend.second);
    } else {
      spend.second = write_id_second(id).value_or(0);
    }
    spends.push_back(std::move(spend));
  }
  std::ranges::sort(spends, {},
                    [](const Spend& spend) { return std::pair(spend.second, std::string_view(spend.id)); });
  return spends;
}

}  // namespace

void add_spend(table::Update& update, const WriteCall& write) {
  update.push_back(table::Change::add(attribute::kSpends, table::StringSet{{write.write_id}}));
  if (!write.repeated) return;
  update.push_back(table::Change::add(attribute::kSpendTimes,
                                      table::StringSet{{spend_time(write.call.now, write.write_id)}}));
}

bool knows_spend(const table::Item& row, std::string_view id) {
  const auto* ids = set_of(row, attribute::kSpends);
  return ids != nullptr && std::ranges::find(*ids, id) != ids->end();
}

table::Update trim_spends(const table::Item& row, std::string_view id) {
  table::Update update;
  const auto* ids = set_of(row, attribute::kSpends);
  if (ids == nullptr || ids->size() <= kMaxSpends) return update;
  table::StringSet gone;
  table::StringSet gone_times;
  const auto spends = oldest_first(row, *ids);
  for (const auto& spend : std::span(spends).first(spends.size() - kKeptSpends)) {
    if (spend.id == id) continue;
    gone.values.push_back(spend.id);
    if (!spend.stamp.empty()) gone_times.values.push_back(spend.stamp);
  }
  std::ranges::sort(gone.values);
  std::ranges::sort(gone_times.values);
  update.push_back(table::Change::delete_elements(attribute::kSpends, std::move(gone)));
  if (!gone_times.values.empty()) {
    update.push_back(table::Change::delete_elements(attribute::kSpendTimes, std::move(gone_times)));
  }
  return update;
}

}  // namespace loopstate::store
