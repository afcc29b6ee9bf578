#include "agent/scheduled.hpp"

#include <boost/asio/awaitable.hpp>

#include "agent/persist.hpp"
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

Done reported(json::Writer json) {
  json.end_object();
  Done done;
  done.outcome = Outcome::Reported;
  done.report = JsonText::trusted(std::move(json).take());
  return done;
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

Task<Done> report_contexts(ScheduledCheck check, Recorder* recorder, Effort* effort) {
  std::function<Task<Result<Contexts>>(CallOptions)> attempt = [&](CallOptions options) {
    return fetch_all(recorder, check.users, std::move(options));
  };
  auto contexts = co_await recorder->persist<Contexts>(std::move(attempt), effort);
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

Task<Done> report_captures(ScheduledCheck check, Recorder* recorder, Effort* effort) {
  const auto until = recorder->clock().now() + kExpiringSoon;
  std::uint64_t count = 0;
  std::uint64_t unreadable = 0;
  json::Writer expiring;
  expiring.begin_array();
  for (const auto& user : check.users) {
    std::function<Task<Result<std::vector<Capture>>>(CallOptions)> attempt = [&](CallOptions options) {
      return recorder->store().list_captures(user, std::move(options));
    };
    auto captures = co_await recorder->persist<std::vector<Capture>>(std::move(attempt), effort);
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
      expiring.key("amount_cents").number(capture.amount_cents);
      expiring.key("expires_at").number(capture.expires_at).end_object();
    }
  }
  expiring.end_array();
  auto json = begin_report(check);
  json.key("unreadable").number(unreadable).key("expiring_count").number(count);
  json.key("expiring").raw(expiring.text());
  co_return reported(std::move(json));
}

}  // namespace

Task<Done> report_on(ScheduledCheck check, Recorder* recorder, Effort* effort) {
  Done done;
  if (check.type == ScheduledCheck::Type::PendingCaptures) {
    done = co_await report_captures(std::move(check), recorder, effort);
  } else {
    done = co_await report_contexts(std::move(check), recorder, effort);
  }
  co_return done;
}

}  // namespace loopstate::agent
