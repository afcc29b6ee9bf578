// What an event from EventBridge does to the state. It is delivered at least once, in any order.
#pragma once

#include "agent/bus_event.hpp"
#include "agent/recorder.hpp"

namespace loopstate::agent {

/// Each event counts once, known by its subject: a purchase by its payment, a proof by its content, an
/// unlocking by position and time. A yield threshold has no such name and is known by EventBridge's id.
/// `keep_unknown`: how long a purchase of an unknown card waits for its link; 0: not at all.
Task<Effect> act_on(BusEvent event, std::chrono::seconds keep_unknown, Recorder* recorder, Budget* budget);

}  // namespace loopstate::agent
