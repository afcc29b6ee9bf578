#include "c/given_json.hpp"

#include "base/try.hpp"
#include "store/documents/codec.hpp"

namespace loopstate::c {
namespace {

struct GivenEvent {
  static constexpr auto members =
      std::tuple(store::Member{"event_type", &ContextEvent::event_type},
                 store::Member{"timestamp", &ContextEvent::timestamp, store::Need::Optional},
                 store::Member{"summary", &ContextEvent::summary, store::Need::Optional},
                 store::Member{"amount", &ContextEvent::amount, store::Need::Optional});
};

}  // namespace

Result<ContextEvent> given_event(std::string_view json) {
  return store::read_document<GivenEvent, ContextEvent>(json);
}

Result<Capture> given_capture(std::string_view json) {
  TRY(auto capture, capture_from_json(json));
  if (capture.id.empty()) return capture;
  return fail(ErrorCode::InvalidArgument, "a capture gets its id from the store");
}

std::string event_json(const ContextEvent& event) {
  constexpr std::size_t kTypicalBytes = 256;
  return store::write_document<store::Schema<ContextEvent>>(event, kTypicalBytes);
}

}  // namespace loopstate::c
