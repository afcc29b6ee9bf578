#include "c/given_json.hpp"

#include "base/try.hpp"
#include "json/view.hpp"
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

/// `given` with the members of `defaults` that it lacks, at every level.
void complete(const json::View& given, const json::View& defaults, json::Writer& out) {
  if (given.kind() != json::Kind::Object || defaults.kind() != json::Kind::Object) {
    out.raw(given.text());
    return;
  }
  out.begin_object();
  for (const auto& [name, value] : given.members()) {
    out.key(name);
    complete(value, defaults.find(name).value_or(json::View("null")), out);
  }
  for (const auto& [name, value] : defaults.members()) {
    if (!given.find(name)) out.key(name).raw(value.text());
  }
  out.end_object();
}

}  // namespace

Result<Context> given_context(std::string_view json) {
  auto whole = context_from_json(json);
  if (whole) return whole;
  auto fresh = new_context(UserId(), Timestamp{});
  fresh.version = 0;
  const auto defaults = to_json(fresh);
  json::Writer completed(defaults.size() + json.size());
  complete(json::View(json), json::View(defaults), completed);
  return context_from_json(completed.text());
}

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
