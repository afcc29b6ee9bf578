#include "port/conformance.hpp"

#include <fmt/format.h>

#include <random>

namespace loopstate::table {
namespace {

constexpr int kMaxPages = 10'000;

void append(std::vector<Item>& items, Page& page) {
  for (Item& item : page.items) items.push_back(std::move(item));
}

}  // namespace

void PrintTo(const Engine& engine, std::ostream* out) {
  *out << engine.name;
}

std::string fresh_token() {
  static const auto process = std::random_device()();
  static std::atomic<int> count = 0;
  return fmt::format("{:08x}-{}", process, ++count);
}

PortConformance::PortConformance() : table_(GetParam().open(runner_.executor())) {}

PortConformance::~PortConformance() {
  table_.reset();
}

Result<WriteOutcome> PortConformance::put(Item item, Condition condition) {
  Put put{std::move(item), std::move(condition)};
  return run(table_->put(std::move(put), call()));
}

Result<WriteOutcome> PortConformance::update(Key key, Update update, Condition condition) {
  UpdateItem change{std::move(key), std::move(update), std::move(condition)};
  return run(table_->update(std::move(change), call()));
}

Result<WriteOutcome> PortConformance::erase(Key key, Condition condition) {
  Erase erase{std::move(key), std::move(condition)};
  return run(table_->erase(std::move(erase), call()));
}

Result<TransactOutcome> PortConformance::transact(std::vector<Operation> operations, std::string token) {
  return run(table_->transact(std::move(operations), std::move(token), call()));
}

Item PortConformance::stored(Key key) {
  auto item = get(key);
  if (!item || !*item) {
    ADD_FAILURE() << "no item " << key.pk << " " << key.sk << (item ? "" : ": " + item.error().message);
    return {};
  }
  return **item;
}

template <typename Request>
std::vector<Item> PortConformance::all_pages(Request request, Result<Page> (PortConformance::*ask)(Request)) {
  std::vector<Item> items;
  for (int i = 0; i < kMaxPages; ++i) {
    auto page = (this->*ask)(request);
    if (!page) {
      ADD_FAILURE() << page.error().message;
      return items;
    }
    append(items, *page);
    if (!page->next) return items;
    request.cursor = page->next;
  }
  ADD_FAILURE() << "the pages do not end";
  return items;
}

std::vector<Item> PortConformance::query_all(Query query) {
  return all_pages(std::move(query), &PortConformance::query);
}

std::vector<Item> PortConformance::scan_all(Scan scan) {
  return all_pages(std::move(scan), &PortConformance::scan);
}

std::vector<std::string> PortConformance::sort_keys(Query query) {
  std::vector<std::string> keys;
  for (const Item& item : query_all(std::move(query))) keys.push_back(item.key.sk);
  return keys;
}

void PortConformance::put_keys(const std::vector<std::string>& sort_keys) {
  for (const auto& sk : sort_keys) ASSERT_TRUE(put({{"p", sk}, {}}));
}

void PortConformance::put_expired(std::string sk, Attributes attributes) {
  attributes.set("ttl", n(now_ - 1s));
  ASSERT_TRUE(put({{"p", std::move(sk)}, std::move(attributes)}));
}

}  // namespace loopstate::table
