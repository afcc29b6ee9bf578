// Any event: it is read, and the result can be answered, or a sentence says why not.
#include "base/utf8.hpp"
#include "check.hpp"
#include "function/envelope.hpp"
#include "function/reply.hpp"
#include "json/reader.hpp"

namespace {

using namespace loopstate;
using namespace loopstate::function;

bool is_json(std::string_view text) {
  json::Reader reader(text);
  reader.skip();
  return reader.finish();
}

/// Whether the sentence can be logged, and reveals nothing of the event that is worth hiding.
void check_sentence(std::string_view what) {
  fuzz::check(!what.empty() && what.size() < 400, "a refusal is one sentence");
  fuzz::check(is_utf8(what), "a refusal is text");
}

void check_reply(Caller caller) {
  for (const int status : {200, 503, 999}) {
    fuzz::check(is_json(write_reply(caller, error_reply(status, "x"))), "a reply is JSON");
  }
}

void check_event(std::string_view event, int depth) {
  const auto envelope = read_envelope(event);
  if (const auto* request = std::get_if<HttpRequest>(&envelope)) {
    check_reply(request->caller);
  } else if (const auto* batch = std::get_if<SqsBatch>(&envelope)) {
    fuzz::check(!batch->records.empty(), "a batch has records");
    for (const auto& record : batch->records) {
      if (record.sent_at_ms) fuzz::check(*record.sent_at_ms >= 0, "no time lies before 1970");
      if (depth == 0) check_event(record.body, depth + 1);
    }
  } else if (const auto* bus = std::get_if<BusMessage>(&envelope)) {
    fuzz::check(event.contains(bus->json) && is_json(bus->json), "a bus event is a part of what came");
  } else if (const auto* unsupported = std::get_if<Unsupported>(&envelope)) {
    check_sentence(unsupported->what);
  } else {
    const auto& malformed = std::get<Malformed>(envelope);
    check_sentence(malformed.what);
    if (malformed.caller) check_reply(*malformed.caller);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_event({reinterpret_cast<const char*>(data), size}, 0);
  return 0;
}
