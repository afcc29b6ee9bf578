// Any text as JSON: what is accepted is taken whole, and gives the same text back however it is read.
#include "base/utf8.hpp"
#include "check.hpp"
#include "json/view.hpp"
#include "json/writer.hpp"

using namespace loopstate;

namespace {

// Rewrites the value from what the view shows of it.
void rewrite(const json::View& view, json::Writer& out) {
  switch (view.kind()) {
    case json::Kind::Object:
      out.begin_object();
      for (const auto& [name, value] : view.members()) {
        out.key(name);
        rewrite(value, out);
      }
      out.end_object();
      return;
    case json::Kind::Array:
      out.begin_array();
      for (const auto& element : view.elements()) rewrite(element, out);
      out.end_array();
      return;
    case json::Kind::String:
      out.string(view.string().value());
      return;
    case json::Kind::Number:
      out.raw(view.number().value());
      return;
    case json::Kind::Boolean:
      out.boolean(view.boolean().value());
      return;
    case json::Kind::Null:
      out.null();
      return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = JsonText::parse(text);
  if (!value) {
    fuzz::check(value.error().code == ErrorCode::InvalidArgument, "what is not JSON is an invalid argument");
    fuzz::check(is_utf8(value.error().message), "messages are UTF-8");
    return 0;
  }
  fuzz::check(is_utf8(text), "JSON is UTF-8");
  fuzz::check(text.find(value->text()) != std::string_view::npos, "the value is part of the text");
  json::Writer once;
  rewrite(json::View(*value), once);
  const auto written = JsonText::parse(once.text());
  fuzz::check(written.has_value(), "what is written can be read");
  json::Writer twice;
  rewrite(json::View(*written), twice);
  fuzz::check(once.text() == twice.text(), "writing is stable");
  return 0;
}
