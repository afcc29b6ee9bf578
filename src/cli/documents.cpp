#include "cli/documents.hpp"

#include <fmt/format.h>

#include "base/nearest.hpp"
#include "base/try.hpp"
#include "cli/input.hpp"
#include "cli/json_output.hpp"
#include "store/documents/schema.hpp"

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

template <typename List>
std::vector<std::string> member_names() {
  return std::apply(
      [](const auto&... member) { return std::vector<std::string>{std::string(member.name)...}; },
      List::members);
}

// Members of other versions are kept as they are, so a slip in an optional member's name would be, too, and
// its value would be lost.
template <typename List>
Result<void> check_unknown(const UnknownFields& unknown, std::string_view path,
                           std::vector<std::string>& notes) {
  for (const auto& [name, value] : unknown) {
    if (const auto meant = nearest(name, member_names<List>())) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("FILE has a member \"{}{}\", which means nothing; did you mean \"{}{}\"?", path,
                              printable(name), path, *meant));
    }
    notes.push_back(
        fmt::format("loopstate does not know the member \"{}{}\" of FILE; it is kept as it is", path, name));
  }
  return {};
}

}  // namespace

Result<Context> read_context(const Arguments& arguments) {
  return read_document(arguments, context_from_json);
}

Result<Session> read_session(const Arguments& arguments, std::vector<std::string>& notes) {
  TRY(auto session, read_document(arguments, session_from_json));
  TRY_OK(check_unknown<store::GivenSession>(session.unknown, "", notes));
  return session;
}

Result<Capture> read_capture(const Arguments& arguments, std::vector<std::string>& notes) {
  TRY(auto capture, read_document(arguments, capture_from_json));
  TRY_OK(check_unknown<store::ShownCapture>(capture.unknown, "", notes));
  if (capture.location) {
    TRY_OK(check_unknown<store::Schema<CaptureLocation>>(capture.location->unknown, "location.", notes));
  }
  capture.id.clear();
  return capture;
}

}  // namespace loopstate::cli
