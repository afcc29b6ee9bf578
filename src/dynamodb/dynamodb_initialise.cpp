// Creates the table: create, wait until active, then time to live.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/awaitable.hpp>

#include "base/try.hpp"
#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/requests.hpp"
#include "dynamodb/table_admin.hpp"

namespace loopstate::dynamodb {

using table::Call;

namespace {

std::string in_table(const std::string& table) {
  return fmt::format("the table {}", table);
}

std::unexpected<Error> no_transactions(const std::string& table) {
  return fail(
      ErrorCode::Unsupported,
      fmt::format("{} is on a server without transactions, which loopstate needs: use Amazon DynamoDB, or "
                  "a server that has them",
                  in_table(table)));
}

}  // namespace

TableAdmin::TableAdmin(Caller& caller, const TableSettings& settings)
    : caller_(caller), settings_(settings) {}

Task<Result<std::optional<TableDescription>>> TableAdmin::describe(Deadline deadline) {
  std::string body = name_body(settings_.table);
  CallOutcome reply = co_await caller_.call(Operation::DescribeTable, std::move(body), deadline);
  if (!reply) {
    if (reply.error().error.code == ErrorCode::TableNotFound) co_return std::nullopt;
    co_return std::unexpected(std::move(reply.error().error));
  }
  CO_TRY(auto description, read_table_description(*reply));
  co_return std::move(description);
}

Task<Result<TimeToLive>> TableAdmin::time_to_live(Deadline deadline) {
  std::string body = name_body(settings_.table);
  CallOutcome reply = co_await caller_.call(Operation::DescribeTimeToLive, std::move(body), deadline);
  if (!reply) co_return std::unexpected(std::move(reply.error().error));
  co_return read_time_to_live(*reply);
}

Task<Result<void>> TableAdmin::create(Deadline deadline) {
  std::string body = create_table_body(settings_.table, settings_.index);
  CallOutcome reply = co_await caller_.call(Operation::CreateTable, std::move(body), deadline);
  // In use: somebody else is creating it right now, or our own request arrived twice.
  if (reply || reply.error().error.code == ErrorCode::TableNotReady) co_return Result<void>();
  co_return std::unexpected(std::move(reply.error().error));
}

Task<Result<TableDescription>> TableAdmin::wait_until_active(Deadline deadline) {
  for (std::uint32_t round = 0;; ++round) {
    CO_TRY(auto found, co_await describe(deadline));
    if (found && is_active(*found, settings_.index)) co_return std::move(*found);
    Result<void> paused = co_await caller_.wait(std::chrono::milliseconds(round < 8 ? 250 : 1000), deadline);
    if (!paused && paused.error().code == ErrorCode::DeadlineExceeded) {
      co_return fail(ErrorCode::TableNotReady,
                     fmt::format("{} is still being created; run `loopstate init` again later",
                                 in_table(settings_.table)),
                     true);
    }
    if (!paused) co_return std::unexpected(std::move(paused.error()));
  }
}

Task<Result<bool>> TableAdmin::set_time_to_live(Deadline deadline) {
  CO_TRY(auto found, co_await time_to_live(deadline));
  const std::optional<std::string> wrong = difference(found);
  if (!wrong) co_return false;
  if (found.status != "DISABLED") {
    co_return fail(ErrorCode::TableMismatch, fmt::format("{}: {}; the service allows one change an hour",
                                                         in_table(settings_.table), *wrong));
  }
  std::string body = enable_time_to_live_body(settings_.table);
  CallOutcome reply = co_await caller_.call(Operation::UpdateTimeToLive, std::move(body), deadline);
  if (reply) co_return true;
  // A repetition of a request that was done is refused: what counts is what is there now.
  Result<TimeToLive> now = co_await time_to_live(deadline);
  if (now && !difference(*now)) co_return true;
  co_return std::unexpected(std::move(reply.error().error));
}

Task<Result<void>> TableAdmin::check_transactions(Timestamp now, Deadline deadline) {
  // Requires nothing to be where nothing is.
  std::vector<table::Operation> operations;
  operations.emplace_back(
      table::Check{table::Key{"LOOPSTATE#PROBE", "PROBE"}, table::Condition::item_absent()});
  CO_TRY(auto body, transact_body(settings_.table, operations, random_id(), now));
  CallOutcome reply = co_await caller_.call(Operation::TransactWriteItems, std::move(body), deadline);
  if (reply || reply.error().refused) co_return Result<void>();
  if (reply.error().error.code == ErrorCode::Unsupported) co_return no_transactions(settings_.table);
  co_return std::unexpected(std::move(reply.error().error));
}

Task<Result<table::InitOutcome>> DynamoDbTable::initialise(Call call) {
  TableAdmin admin(caller_, settings_);
  table::InitOutcome outcome;
  CO_TRY(auto found, co_await admin.describe(call.deadline));
  if (!found) {
    CO_TRY_OK(co_await admin.create(call.deadline));
    outcome.created = true;
  }
  CO_TRY(auto table, co_await admin.wait_until_active(call.deadline));
  if (const std::vector<std::string> wrong = differences(table, settings_.index); !wrong.empty()) {
    co_return fail(ErrorCode::TableMismatch, fmt::format("{} has a different shape: {}",
                                                         in_table(settings_.table), fmt::join(wrong, "; ")));
  }
  if (table.strong_multi_region) {
    co_return fail(
        ErrorCode::Unsupported,
        fmt::format(
            "{} is a global table with strong consistency, which has neither transactions nor time to live; "
            "loopstate needs both: use a separate table, or one with eventual consistency between Regions",
            in_table(settings_.table)));
  }
  CO_TRY_OK(co_await admin.check_transactions(call.now, call.deadline));
  CO_TRY(auto changed, co_await admin.set_time_to_live(call.deadline));
  outcome.created = outcome.created || changed;
  outcome.detail = outcome.created
                       ? fmt::format("{} is ready, with the index {} and time to live",
                                     in_table(settings_.table), settings_.index)
                       : fmt::format("{} already exists, and is as it should be", in_table(settings_.table));
  co_return outcome;
}

}  // namespace loopstate::dynamodb
