// An open file and its writer thread: what all tables of a process over that file share.
#pragma once

#include <memory>

#include "base/try.hpp"
#include "embedded/environment.hpp"
#include "embedded/writer.hpp"
#include "loopstate/error.hpp"

namespace loopstate::embedded {

class Engine {
 public:
  static Result<std::unique_ptr<Engine>> open(const EmbeddedOptions& options) {
    TRY(auto environment, Environment::open(options));
    return std::make_unique<Engine>(std::move(environment), options.max_waiting_writes);
  }

  Engine(std::unique_ptr<Environment> environment, std::size_t max_waiting_writes)
      : environment_(std::move(environment)), writer_(*environment_, max_waiting_writes) {}

  Environment& environment() { return *environment_; }
  const Environment& environment() const { return *environment_; }
  Writer& writer() { return writer_; }

 private:
  std::unique_ptr<Environment> environment_;
  Writer writer_;  // destroyed before the environment
};

}  // namespace loopstate::embedded
