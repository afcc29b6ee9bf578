// Any text as a stored context, session or capture: what can be read is written back and reads the same.
#include "check.hpp"
#include "store/documents/capture_json.hpp"
#include "store/documents/check_document.hpp"
#include "store/documents/context_paths.hpp"
#include "store/documents/session_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopstate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto context = context_from_json(text)) {
    fuzz::check(store::check_document(*context).has_value(), "a context that was read can be stored");
    const auto again = context_from_json(to_json(*context));
    fuzz::check(again && *again == *context, "a context survives being written");
    fuzz::check(store::changed_paths(*context, *again).empty(), "equal contexts differ nowhere");
  }
  if (const auto session = store::stored_session_from_json(text)) {
    const auto again = store::stored_session_from_json(to_json(*session));
    fuzz::check(again && *again == *session, "a session survives being written");
  }
  if (const auto capture = store::capture_from_stored_json(text)) {
    const auto again = store::capture_from_stored_json(store::stored_json(*capture));
    fuzz::check(again && *again == *capture, "a capture survives being written");
  }
  if (const auto capture = capture_from_json(text)) {
    const auto again = capture_from_json(to_json(*capture));
    fuzz::check(again && *again == *capture, "a shown capture survives being written");
  }
  return 0;
}
