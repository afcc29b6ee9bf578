// The parts of one invocation's work, shared by its kinds of events.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "function/emf.hpp"
#include "function/envelope.hpp"
#include "function/reply.hpp"
#include "log/log.hpp"
#include "loopstate/task.hpp"

namespace loopstate::function {

/// One invocation. Also held by each of its records, which may outlive an invocation that was cancelled.
struct Work {
  agent::Agent* agent = nullptr;
  log::Logger log;  ///< its lines carry request and trace id
  std::string request_id;
  std::string trace_id;
  Deadline deadline;
  std::int64_t arrived_ms = 0;            ///< Unix milliseconds
  std::vector<std::string> event_queues;  ///< FunctionOptions

  std::mutex mutex;  ///< guards `tally`
  Tally tally;

  /// What the agent's log line says besides the request id.
  log::Fields about() const;
  void count(const agent::Answer& answer);
};

using WorkPtr = std::shared_ptr<Work>;

/// A webhook at its path, a health check, or a status that says what is wrong.
Task<HttpReply> serve(WorkPtr work, HttpRequest request);

/// Each record separately, several at once, or one after the other if the queue is first-in-first-out. The
/// reply names those that stay in the queue; Unavailable: one of these has no id, so the whole batch
/// must stay.
Task<Result<std::string>> serve_batch(WorkPtr work, SqsBatch batch);

}  // namespace loopstate::function
