#include "webhook/dispute.hpp"

namespace loopstate::webhook {

std::optional<RefundState> stripe_dispute_state(std::string_view type, std::string_view status) noexcept {
  if (status == "lost") return RefundState::Lost;
  if (status == "won" || status == "warning_closed" || status == "prevented") return RefundState::GivenBack;
  if (type == "charge.dispute.funds_withdrawn") return RefundState::Taken;
  if (type == "charge.dispute.funds_reinstated") return RefundState::GivenBack;
  return std::nullopt;
}

std::optional<RefundState> square_dispute_state(std::string_view state) noexcept {
  if (state == "LOST" || state == "ACCEPTED") return RefundState::Lost;
  if (state == "WON" || state == "INQUIRY_CLOSED") return RefundState::GivenBack;
  return std::nullopt;
}

}  // namespace loopstate::webhook
