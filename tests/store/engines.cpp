// The engines that need no server.
#include "embedded/embedded_table.hpp"
#include "embedded/fixture.hpp"
#include "port/model_table.hpp"
#include "store/stale_seed.hpp"
#include "store/stale_table.hpp"
#include "store/store_fixture.hpp"

namespace loopstate::testing {
namespace {

// A table in a folder that is removed with it.
std::shared_ptr<table::Table> embedded_table(const boost::asio::any_io_executor&) {
  struct Holder {
    embedded::Folder folder;
    std::shared_ptr<table::Table> table;
  };
  auto holder = std::make_shared<Holder>();
  embedded::EmbeddedOptions options;
  options.path = holder->folder.file();
  options.durability = embedded::Durability::ProcessDeath;
  holder->table = must(embedded::open_embedded(std::move(options)));
  auto* table = holder->table.get();
  return {std::move(holder), table};
}

// Each test draws other states.
std::uint64_t seed_of_test() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return stale_seed() * 1'000'003 + std::hash<std::string>()(test->name());
}

StoreEngine stale_engine(std::string name, StaleTable::Shows shows) {
  auto make = [shows](const boost::asio::any_io_executor&) {
    return std::make_shared<StaleTable>(std::make_shared<table::ModelTable>(), shows, seed_of_test());
  };
  return {std::move(name), std::move(make), true};
}

}  // namespace

std::vector<StoreEngine> store_engines() {
  return {{"Model", [](const auto&) { return std::make_shared<table::ModelTable>(); }},
          {"Embedded", embedded_table},
          stale_engine("StaleNothing", StaleTable::Shows::Nothing),
          stale_engine("StalePrevious", StaleTable::Shows::Previous),
          stale_engine("StaleAny", StaleTable::Shows::Any)};
}

}  // namespace loopstate::testing
