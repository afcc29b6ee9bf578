#include "agent/scheduled.hpp"

#include <boost/asio/awaitable.hpp>

#include "agent/persist.hpp"
#include "base/json_text_access.hpp"
#include "base/timestamp.hpp"
#include "json/writer.hpp"

namespace loopstate::agent {
namespace {

json::Writer begin_report(const ScheduledCheck& check) {
  json::Writer json;
  json.begin_object().key("check_type").string(to_string(check.type));
  json.key("batch_id").string(check.batch_id);
  json.key("users").number(std::uint64_t{check.users.size()});
  return json;
}

Effect reported(json::Writer json) {
  json.end_object();
  Effect effect;
  effect.outcome = Outcome::Reported;
  effect.report = trusted_json(std::move(json).take());
  return effect;
}

using Contexts = std::vector<Result<Context>>;

/// The contexts, or the first passing failure among them.
Task<Result<Contexts>> fetch_all(Recorder* recorder, std::vector<UserId> users, CallOptions options) {
  auto contexts = co_await recorder->store().fetch_many(std::move(users), std::move(options));
  for (auto& context : contexts) {
    if (!context && outcome_of(context.error().code) == Outcome::StoreBusy) {
      co_return std::unexpected(std::move(context.error()));
    }
  }
  co_return contexts;
}

Task<Effect> report_contexts(ScheduledCheck check, Recorder* recorder, Budget* budget) {
  StoreCall<Contexts> attempt = [&](CallOptions options) {
    return fetch_all(recorder, check.users, std::move(options));
  };
  auto contexts = co_await recorder->persist<Contexts>(std::move(attempt), budget);
  if (!contexts) co_return Recorder::failed(std::move(contexts.error()));
  std::uint64_t present = 0;
  std::uint64_t missing = 0;
  std::uint64_t corrupt = 0;
  for (const auto& context : *contexts) {
    if (context) {
      ++present;
    } else if (context.error().code == ErrorCode::CorruptItem) {
      ++corrupt;
    } else {
      ++missing;
    }
  }
  auto json = begin_report(check);
  json.key("present").number(present).key("missing").number(missing).key("corrupt").number(corrupt);
  co_return reported(std::move(json));
}

Task<Effect> report_captures(ScheduledCheck check, Recorder* recorder, Budget* budget) {
  const auto until = recorder->clock().now() + kExpiringSoon;
  std::uint64_t count = 0;
  std::uint64_t unreadable = 0;
  json::Writer expiring;
  expiring.begin_array();
  for (const auto& user : check.users) {
    StoreCall<std::vector<Capture>> attempt = [&](CallOptions options) {
      return recorder->store().list_captures(user, std::move(options));
    };
    auto captures = co_await recorder->persist<std::vector<Capture>>(std::move(attempt), budget);
    if (!captures && outcome_of(captures.error().code) == Outcome::StoreBusy) {
      co_return Recorder::failed(std::move(captures.error()));
    }
    if (!captures) {
      unreadable += captures.error().code == ErrorCode::CorruptItem ? 1 : 0;
      continue;
    }
    for (const auto& capture : *captures) {
      if (capture.expires_at > until) continue;
      if (++count > kReportedCapturesMax) continue;
      expiring.begin_object().key("user").string(user.text()).key("id").string(capture.id);
      expiring.key("amount_cents").number(capture.amount.minor_units);
      expiring.key("expires_at").number(unix_seconds(capture.expires_at)).end_object();
    }
  }
  expiring.end_array();
  auto json = begin_report(check);
  json.key("unreadable").number(unreadable).key("expiring_count").number(count);
  json.key("expiring").raw(expiring.text());
  co_return reported(std::move(json));
}

}  // namespace

Task<Effect> report_on(ScheduledCheck check, Recorder* recorder, Budget* budget) {
  Effect effect;
  if (check.type == ScheduledCheck::Type::PendingCaptures) {
    effect = co_await report_captures(std::move(check), recorder, budget);
  } else {
    effect = co_await report_contexts(std::move(check), recorder, budget);
  }
  co_return effect;
}

}  // namespace loopstate::agent
