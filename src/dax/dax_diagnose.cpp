// What is asked before the first call, and `doctor`: what may be wrong with a cluster, checked one thing at
// a time.
#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>

#include "base/try.hpp"
#include "crypto/random.hpp"
#include "dax/dax_table.hpp"
#include "dax/key.hpp"
#include "dax/requests.hpp"

namespace loopstate::dax {

namespace asio = boost::asio;
using async::SingleFlight;
using table::Call;
using table::Finding;
using Level = table::Finding::Level;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kProbeLasts{60};

std::string advice_for(const Error& error) {
  switch (error.code) {
    case ErrorCode::NameResolutionFailed:
    case ErrorCode::ConnectionFailed:
    case ErrorCode::DeadlineExceeded:
      return "check DAX_ENDPOINT; a cluster is reached only from its own network (VPC) and through its "
             "security "
             "group";
    case ErrorCode::TlsFailed:
      return "check DAX_ENDPOINT: daxs:// for a cluster with encryption in transit, by the cluster's own "
             "name; and "
             "AWS_CA_BUNDLE";
    case ErrorCode::ProtocolError:
      return "check DAX_ENDPOINT: its port, and daxs:// if the cluster encrypts in transit";
    case ErrorCode::AccessDenied:
      return "allow these credentials the dax: actions that docs/dax.md lists, and check AWS_REGION";
    case ErrorCode::NoCredentials:
      return "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    case ErrorCode::CredentialsExpired:
      return "sign in again, or renew the credentials";
    case ErrorCode::TableNotFound:
      return "check that the cluster is in the table's Region and account, and that its own role may read "
             "the table";
    case ErrorCode::TableMismatch:
      return "use a table that loopstate made";
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

std::string text_of(const NodeAddress& address) {
  const std::string host = address.address().to_string();
  return address.address().is_v6() ? fmt::format("[{}]:{}", host, address.port())
                                   : fmt::format("{}:{}", host, address.port());
}

}  // namespace

Task<Result<void>> DaxTable::check_keys(Deadline deadline) {
  while (!keys_are_checked()) {
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    SingleFlight::Joined joined = co_await flights_->join("keys", deadline);
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (joined.part == SingleFlight::Part::Late) {
      co_return fail(ErrorCode::DeadlineExceeded,
                     "the deadline passed while the DAX cluster was being asked for the table's keys", true);
    }
    if (joined.part == SingleFlight::Part::Cancelled) {
      co_return fail(ErrorCode::Cancelled, "the call was cancelled");
    }
    if (joined.part == SingleFlight::Part::Landed || keys_are_checked()) continue;
    KeySchema schema;
    Request request;
    request.method = Method::DefineKeySchema;
    request.bytes = [&](const std::vector<ListId>&) -> Result<std::string> {
      return key_schema_call(settings_.table);
    };
    request.read = [&schema](std::string_view values, ReplyNames&) -> Result<void> {
      TRY(schema, read_key_schema(values));
      return {};
    };
    CO_TRY_OK(co_await ask(std::move(request), deadline));
    CO_TRY_OK(check_key_schema(schema, settings_.table));
    keys_checked_.store(true, std::memory_order_relaxed);
  }
  co_return Result<void>();
}

Task<Result<void>> DaxTable::warm_up(Deadline deadline) {
  return check_keys(deadline);
}

Task<std::vector<Finding>> DaxTable::diagnose(Call call) {
  std::vector<Finding> out;
  const auto before = steady_clock::now();
  const std::string url = url_of(caller_.cluster().seeds().hosts.front());
  Result<void> learned = co_await caller_.cluster().learn(call.deadline);
  if (!learned) {
    out.push_back(bad("DAX cluster", learned.error()));
    co_return out;
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - before);
  const std::vector<Cluster::Member> members = caller_.cluster().members();
  out.push_back(
      good("DAX cluster", fmt::format("{} answers, within {} ms, and names {} {}", url, took.count(),
                                      members.size(), members.size() == 1 ? "node" : "nodes")));
  bool led = false;
  for (const Cluster::Member& member : members) {
    led = led || member.node.leader;
    const std::string what = fmt::format("DAX node {} ({})", text_of(member.node.address),
                                         member.node.leader ? "leader" : "replica");
    const Deadline limit = std::min(call.deadline, steady_clock::now() + std::chrono::seconds(4));
    const auto told = co_await member.connections->endpoints(limit);
    out.push_back(told ? good(what, "it answers, and accepts these credentials")
                       : bad(what, told.error().failure.error));
  }
  if (!led) {
    out.push_back({Level::Warning, "DAX cluster", "it names no leader; writes go to any node",
                   "wait, and look at the cluster's events if this persists"});
  }
  Finding probe = co_await probe_write(call);
  out.push_back(std::move(probe));
  co_return out;
}

Task<Finding> DaxTable::probe_write(Call call) {
  Result<void> keys = co_await check_keys(call.deadline);
  if (!keys) co_return bad("DAX table", keys.error());
  table::Item item;
  item.key = {"LOOPSTATE#PROBE", "DAX"};
  item.attributes.set("probe", table::Value(table::Binary{crypto::random_text(8)}));
  item.attributes.set(std::string(table::kTimeToLive), table::Value::time(call.now + kProbeLasts));
  table::Put written{item, {}};
  Result<table::WriteOutcome> wrote = co_await put(std::move(written), call);
  if (!wrote) co_return bad("DAX write", wrote.error());
  std::optional<table::Item> seen;
  Request request;
  request.method = Method::GetItem;
  request.bytes = [&](const std::vector<ListId>&) -> Result<std::string> {
    return get_item_call(settings_.table, item.key, Consistency::MayBeStale);
  };
  request.read = [&](std::string_view values, ReplyNames& names) -> Result<void> {
    TRY(seen, read_get_item(values, item.key, names));
    return {};
  };
  Result<void> asked = co_await ask(std::move(request), call.deadline);
  table::Erase removed{item.key, {}};
  Result<table::WriteOutcome> erased = co_await erase(std::move(removed), call);
  if (!asked) co_return bad("DAX read", asked.error());
  if (!erased) co_return bad("DAX write", erased.error());
  if (seen != item) {
    co_return Finding{Level::Warning, "DAX table",
                      "an item that was written through the cluster was not seen in its "
                      "memory at once",
                      "replicas may lag; nothing depends on this, but stale reads are staler than usual"};
  }
  co_return good("DAX table", "an item that was written through the cluster is seen through it");
}

}  // namespace loopstate::dax
