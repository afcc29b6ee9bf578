// Scheduled checks: findings are reported, and nothing changes.
#pragma once

#include "agent/bus_event.hpp"
#include "agent/recorder.hpp"

namespace loopstate::agent {

/// Pending captures that will expire within this time are worth a report.
inline constexpr std::chrono::seconds kExpiringSoon = std::chrono::days(1);
/// A report names at most this many captures, and counts the rest.
inline constexpr std::size_t kReportedCapturesMax = 100;

/// PendingCaptures: {"check_type","batch_id","users","unreadable","expiring_count","expiring":[{"user","id",
/// "amount_cents","expires_at"}]}. The others:
/// {"check_type","batch_id","users","present","missing","corrupt"}.
Task<Effect> report_on(ScheduledCheck check, Recorder* recorder, Budget* budget);

}  // namespace loopstate::agent
