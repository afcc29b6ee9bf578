#include "cli/documents.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/input.hpp"

namespace loopstate::cli {
namespace {

// A stored item may be corrupt; in a file the same fault is the caller's mistake.
template <typename T>
Result<T> read_document(const Arguments& arguments, Result<T> (*from_json)(std::string_view)) {
  TRY(const auto text, read_input("FILE", arguments.text("FILE")));
  auto document = from_json(text);
  if (!document) return fail(ErrorCode::InvalidArgument, fmt::format("FILE: {}", document.error().message));
  return document;
}

}  // namespace

Result<Context> read_context(const Arguments& arguments) {
  return read_document(arguments, context_from_json);
}

Result<Session> read_session(const Arguments& arguments) {
  return read_document(arguments, session_from_json);
}

Result<Capture> read_capture(const Arguments& arguments) {
  auto capture = read_document(arguments, capture_from_json);
  if (capture) capture->id.clear();
  return capture;
}

}  // namespace loopstate::cli
