// One delivery of Square, during which the agent may be killed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "post.hpp"

namespace loopstate::demo {

/// SIGKILL for a process, so long after a delivery has begun.
struct Kill {
  pid_t process = 0;
  std::chrono::microseconds after{};
};

struct OneDelivery {
  std::optional<Answered> answered;  ///< nothing: the connection ended without an answer
  std::chrono::microseconds took{};  ///< until the answer, or the end of the connection
};

/// Signs the body (a template as in body_template.hpp) and posts it once. StorageFailure: it cannot be read,
/// or the process cannot be killed.
Task<Result<OneDelivery>> deliver_one(http::Client* client, const webhook::WebhookSettings* settings,
                                      std::filesystem::path body, std::optional<Kill> kill);

}  // namespace loopstate::demo
