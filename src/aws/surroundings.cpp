#include "aws/surroundings.hpp"

#include <map>
#include <mutex>
#include <string>

#include "aws/config_file.hpp"
#include "base/try.hpp"

namespace loopstate::aws {
namespace {

// One client for each server that sources and services use.
class Clients {
 public:
  explicit Clients(std::string ca_bundle) : ca_bundle_(std::move(ca_bundle)) {}

  Result<std::shared_ptr<http::Transport>> connect(const http::Endpoint& endpoint) {
    const std::lock_guard lock(mutex_);
    const auto url = endpoint.url();
    if (const auto found = clients_.find(url); found != clients_.end()) return found->second;
    http::ClientSettings settings;
    settings.ca_bundle = ca_bundle_;
    TRY(auto made, http::Client::create(endpoint, std::move(settings)));
    // Clients that somebody still holds live on.
    if (clients_.size() == kClientsMax) clients_.clear();
    return clients_.emplace(url, std::move(made)).first->second;
  }

 private:
  std::string ca_bundle_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<http::Transport>> clients_;
};

}  // namespace

Surroundings real_surroundings(Environment environment) {
  auto clients = std::make_shared<Clients>(variable(environment, "AWS_CA_BUNDLE").value_or(""));
  return Surroundings{std::move(environment),
                      [clients](const http::Endpoint& endpoint) { return clients->connect(endpoint); }};
}

}  // namespace loopstate::aws
