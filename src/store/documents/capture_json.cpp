#include "store/documents/capture_json.hpp"

#include "store/documents/codec.hpp"

namespace loopstate {
namespace {

constexpr std::size_t kTypicalCaptureBytes = 512;

}  // namespace

std::string to_json(const Capture& capture) {
  return store::write_document<store::ShownCapture>(capture, kTypicalCaptureBytes);
}

Result<Capture> capture_from_json(std::string_view text) {
  auto capture = store::read_document<store::ShownCapture, Capture>(text);
  if (capture) capture->refunded.currency = capture->amount.currency;
  return capture;
}

namespace store {

std::string stored_json(const Capture& capture) {
  return write_document<Schema<Capture>>(capture, kTypicalCaptureBytes);
}

Result<Capture> capture_from_stored_json(std::string_view text) {
  return read_document<Schema<Capture>, Capture>(text);
}

}  // namespace store
}  // namespace loopstate
