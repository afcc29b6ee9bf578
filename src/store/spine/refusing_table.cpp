#include "store/spine/refusing_table.hpp"

#include <boost/asio/awaitable.hpp>

namespace loopstate::store {

using table::Call;

Task<Result<std::optional<table::Item>>> RefusingTable::get(table::Key, Call) {
  return refuse<std::optional<table::Item>>();
}

Task<Result<std::vector<Result<std::optional<table::Item>>>>> RefusingTable::batch_get(
    std::vector<table::Key>, Call) {
  return refuse<std::vector<Result<std::optional<table::Item>>>>();
}

Task<Result<table::WriteOutcome>> RefusingTable::put(table::Put, Call) {
  return refuse<table::WriteOutcome>();
}

Task<Result<table::WriteOutcome>> RefusingTable::update(table::UpdateItem, Call) {
  return refuse<table::WriteOutcome>();
}

Task<Result<table::WriteOutcome>> RefusingTable::erase(table::Erase, Call) {
  return refuse<table::WriteOutcome>();
}

Task<Result<void>> RefusingTable::batch_put(std::vector<table::Item>, Call) {
  return refuse<void>();
}

Task<Result<table::TransactOutcome>> RefusingTable::transact(std::vector<table::Operation>, std::string,
                                                             Call) {
  return refuse<table::TransactOutcome>();
}

Task<Result<table::Page>> RefusingTable::query(table::Query, Call) {
  return refuse<table::Page>();
}

Task<Result<table::Page>> RefusingTable::scan(table::Scan, Call) {
  return refuse<table::Page>();
}

Task<Result<table::InitOutcome>> RefusingTable::initialise(Call) {
  return refuse<table::InitOutcome>();
}

Task<std::vector<table::Finding>> RefusingTable::diagnose(Call) {
  co_return std::vector<table::Finding>{
      {table::Finding::Level::Bad, "settings", error_.message, "Correct the store's settings."}};
}

Task<Result<void>> RefusingTable::warm_up(Deadline) {
  return refuse<void>();
}

}  // namespace loopstate::store
