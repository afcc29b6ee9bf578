// `doctor`: what may be wrong with a set-up, checked one thing at a time.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdlib>

#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/requests.hpp"
#include "dynamodb/table_admin.hpp"

namespace loopstate::dynamodb {

using table::Call;
using table::Finding;
using Level = table::Finding::Level;

namespace {

constexpr std::chrono::seconds kSkewWarning = std::chrono::minutes(1);

std::string advice_for(const Error& error) {
  switch (error.code) {
    case ErrorCode::NameResolutionFailed:
    case ErrorCode::ConnectionFailed:
      return "check AWS_REGION and AWS_ENDPOINT_URL_DYNAMODB, and whether this network lets connections out";
    case ErrorCode::TlsFailed:
      return "check AWS_CA_BUNDLE, and whether a proxy between here and there replaces certificates";
    case ErrorCode::AccessDenied:
      // The caller is known, but not allowed to; otherwise the service does not know who is asking.
      if (error.message.find("AccessDenied") == std::string::npos) {
        return "check the access key, its secret and session token, and AWS_REGION";
      }
      return "allow these credentials dynamodb:* on this table, or the actions that docs/dynamodb.md lists";
    case ErrorCode::NoCredentials:
      return "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    case ErrorCode::CredentialsExpired:
      return "sign in again, or renew the credentials";
    case ErrorCode::ClockSkew:
      return "set this machine's clock by NTP";
    case ErrorCode::Throttled:
      return "wait, or raise the table's capacity";
    case ErrorCode::Unsupported:
      return "use Amazon DynamoDB, or a server with its transactions and time to live, and no table with "
             "strong "
             "consistency between Regions";
    case ErrorCode::ProtocolError:
      return "check whether something else answers at that endpoint";
    default:
      return "try again; if it persists, see the message";
  }
}

Finding bad(std::string subject, const Error& error) {
  return {Level::Bad, std::move(subject), error.message, advice_for(error)};
}

Finding good(std::string subject, std::string detail) {
  return {Level::Good, std::move(subject), std::move(detail), ""};
}

/// Tries each kind of request in a way that changes nothing: a condition refuses every write.
class Permissions {
 public:
  Permissions(Caller& caller, const std::string& table) : caller_(caller), table_(table) {}

  Task<std::vector<Finding>> look(Call call);

 private:
  Task<void> try_one(Operation operation, Result<std::string> body, Deadline deadline);

  Caller& caller_;
  const std::string& table_;
  std::vector<std::string> allowed_;
  std::vector<Finding> findings_;
};

Task<void> Permissions::try_one(Operation operation, Result<std::string> body, Deadline deadline) {
  if (!body) co_return;
  CallOutcome reply = co_await caller_.call(operation, std::move(*body), deadline);
  if (reply || reply.error().refused) {
    allowed_.emplace_back(to_string(operation));
  } else {
    findings_.push_back(bad(fmt::format("permission {}", to_string(operation)), reply.error().error));
  }
}

Task<std::vector<Finding>> Permissions::look(Call call) {
  const table::Key key{"LOOPSTATE#PROBE", "PROBE"};
  const std::vector<table::Key> keys = {key};
  const table::Condition never = table::Condition::item_exists();  // nothing ever exists there
  const Deadline deadline = call.deadline;
  const table::Put put{table::Item{key, {}}, never};
  const table::UpdateItem update{key, {table::Change::set("probe", table::Value::boolean(true))}, never};
  const table::Erase erase{key, never};
  const std::vector<table::Operation> operations = {table::Check{key, never}};
  table::Query query;
  query.pk = key.pk;

  std::string get = get_item_body(table_, key, table::Consistency::Strong);
  co_await try_one(Operation::GetItem, std::move(get), deadline);
  std::string batch = batch_get_body(table_, keys, table::Consistency::Strong);
  co_await try_one(Operation::BatchGetItem, std::move(batch), deadline);
  std::string page = query_body(table_, query, 1, std::nullopt, table::Consistency::Strong);
  co_await try_one(Operation::Query, std::move(page), deadline);
  Result<std::string> body = put_item_body(table_, put, call.now);
  co_await try_one(Operation::PutItem, std::move(body), deadline);
  body = update_item_body(table_, update, call.now);
  co_await try_one(Operation::UpdateItem, std::move(body), deadline);
  body = delete_item_body(table_, erase, call.now);
  co_await try_one(Operation::DeleteItem, std::move(body), deadline);
  body = transact_body(table_, operations, random_id(), call.now);
  co_await try_one(Operation::TransactWriteItems, std::move(body), deadline);
  if (!allowed_.empty())
    findings_.push_back(good("permissions", fmt::format("{}", fmt::join(allowed_, ", "))));
  co_return std::move(findings_);
}

}  // namespace

Task<std::vector<Finding>> DynamoDbTable::diagnose(Call call) {
  std::vector<Finding> out = co_await caller_.sender().describe(call.deadline);
  TableAdmin admin(caller_, settings_);
  const auto before = std::chrono::steady_clock::now();
  Result<std::optional<TableDescription>> found = co_await admin.describe(call.deadline);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - before);
  if (!found) {
    out.push_back(bad("endpoint", found.error()));
    co_return out;
  }
  out.push_back(
      good("endpoint", fmt::format("{} answers, within {} ms", caller_.sender().endpoint(), took.count())));
  if (const std::optional<std::chrono::seconds> difference = caller_.last_difference()) {
    const std::chrono::seconds skew = -*difference;
    const bool fine = std::chrono::abs(skew) <= kSkewWarning;
    out.push_back({fine ? Level::Good : Level::Warning, "clock",
                   fmt::format("{} s off the service's", skew.count()),
                   fine ? "" : "set this machine's clock by NTP: beyond 5 minutes, nothing works"});
  }
  if (!*found) {
    out.push_back({Level::Bad, "table",
                   fmt::format("there is no table {} in this account and region", settings_.table),
                   "check LOOPSTATE_URL and AWS_REGION, or run `loopstate init`"});
    co_return out;
  }
  const TableDescription& table = **found;
  const std::vector<std::string> wrong = differences(table, settings_.index);
  if (!is_active(table, settings_.index)) {
    out.push_back({Level::Warning, "table", fmt::format("{} is {}", settings_.table, table.status),
                   "wait until it is ACTIVE"});
    co_return out;  // nothing else can be asked of it before that
  }
  if (table.strong_multi_region) {
    out.push_back(
        {Level::Bad, "table",
         fmt::format("{} is a global table with strong consistency: it has neither transactions nor time "
                     "to live",
                     settings_.table),
         "use a separate table, or one with eventual consistency between Regions"});
  } else if (wrong.empty()) {
    out.push_back(good(
        "table", fmt::format("{} and its index {} are as they should be", settings_.table, settings_.index)));
  }
  for (const std::string& sentence : wrong) {
    out.push_back({Level::Bad, "table", sentence, "use another table, or add what is missing"});
  }
  Result<TimeToLive> time_to_live = co_await admin.time_to_live(call.deadline);
  if (!time_to_live) {
    out.push_back(bad("time to live", time_to_live.error()));
  } else if (const std::optional<std::string> off = difference(*time_to_live)) {
    out.push_back({Level::Warning, "time to live", *off + "; expired items stay and cost storage",
                   "run `loopstate init`"});
  } else {
    out.push_back(good("time to live", "it removes expired items by their attribute ttl"));
  }
  Permissions permissions(caller_, settings_.table);
  std::vector<Finding> more = co_await permissions.look(call);
  for (Finding& finding : more) out.push_back(std::move(finding));
  co_return out;
}

}  // namespace loopstate::dynamodb
