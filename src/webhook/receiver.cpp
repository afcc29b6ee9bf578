#include <utility>

#include "loopstate/webhook.hpp"
#include "webhook/process.hpp"
#include "webhook/settings.hpp"

namespace loopstate::webhook {

Receiver::Receiver(std::shared_ptr<const WebhookSettings> settings) : settings_(std::move(settings)) {}

Result<Receiver> Receiver::from_environment(const Environment& environment) {
  auto settings = WebhookSettings::from_environment(environment);
  if (!settings) return std::unexpected(std::move(settings.error()));
  return Receiver(std::make_shared<const WebhookSettings>(std::move(*settings)));
}

bool Receiver::is_on(Provider provider) const noexcept {
  return settings_->is_on(provider);
}

const std::vector<std::string>& Receiver::notices() const noexcept {
  return settings_->notices;
}

Checked<Event> Receiver::read(Delivery delivery) const {
  return process(std::move(delivery), *settings_);
}

}  // namespace loopstate::webhook
