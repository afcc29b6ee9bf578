#include "store/documents/check_document.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "store/documents/codec.hpp"

namespace loopstate::store {
namespace {

// Each returns what is wrong with a value, or nothing; `path` leads to the field, assembled on the way
// back.
std::string wrong_with(const std::string& text, std::string&) {
  return is_utf8(text) ? "" : "not valid UTF-8";
}
template <typename Tag>
std::string wrong_with(const Name<Tag>& name, std::string& path) {
  return wrong_with(name.text(), path);
}
template <typename Plain>
  requires std::integral<Plain> || std::same_as<Plain, Timestamp> || std::same_as<Plain, Currency>
std::string wrong_with(Plain, std::string&) {
  return {};
}
std::string wrong_with(const std::map<std::string, JsonText>& memory, std::string&) {
  const auto good = [](const auto& entry) { return is_utf8(entry.first); };
  return std::ranges::all_of(memory, good) ? "" : "a key is not valid UTF-8";
}
template <HasSchema Struct>
std::string wrong_with(const Struct& object, std::string& path);
template <typename T>
std::string wrong_with(const std::optional<T>& value, std::string& path) {
  return value ? wrong_with(*value, path) : std::string();
}
template <typename T>
std::string wrong_with(const std::vector<T>& list, std::string& path) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto wrong = wrong_with(list[i], path);
    if (wrong.empty()) continue;
    prepend(path, i);
    return wrong;
  }
  return {};
}

template <typename Struct, typename Member>
std::string wrong_with_member(const Struct& object, const Member& member, std::string& path) {
  return wrong_with(field_of(object, member), path);
}
template <typename Struct>
std::string wrong_with_member(const Struct& object, const NumberMember<Struct>& member, std::string& path) {
  json::Reader reader((object.*(member.field)).text());
  Struct scratch;
  if (read_field(reader, scratch, member, path) && reader.finish()) return {};
  return reader.problem().message;
}

template <typename Struct>
std::string wrong_with_unknown(const UnknownFields& fields) {
  for (auto field = fields.begin(); field != fields.end(); ++field) {
    const auto& name = field->first;
    if (!is_utf8(name)) return "the name of an unknown member is not valid UTF-8";
    const auto same = [&](const auto& other) { return other.first == name; };
    if (std::any_of(fields.begin(), field, same))
      return fmt::format("the unknown member {} appears twice", name);
    const bool known = std::apply([&](const auto&... member) { return ((name == member.name) || ...); },
                                  Schema<Struct>::members);
    if (known) return fmt::format("{} is not an unknown member", name);
  }
  return {};
}

template <HasSchema Struct>
std::string wrong_with(const Struct& object, std::string& path) {
  std::string wrong;
  const auto check_one = [&](const auto& member) {
    wrong = wrong_with_member(object, member, path);
    if (wrong.empty()) return true;
    prepend(path, member.name);
    return false;
  };
  const bool good =
      std::apply([&](const auto&... member) { return (check_one(member) && ...); }, Schema<Struct>::members);
  return good ? wrong_with_unknown<Struct>(object.unknown) : wrong;
}

template <typename Struct>
Result<void> check(const Struct& document, std::string_view what) {
  std::string path;
  const auto wrong = wrong_with(document, path);
  if (wrong.empty()) return {};
  if (path.empty()) return fail(ErrorCode::InvalidArgument, fmt::format("{}: {}", what, wrong));
  return fail(ErrorCode::InvalidArgument, fmt::format("{} field {}: {}", what, path, wrong));
}

}  // namespace

Result<void> check_document(const Context& context) {
  return check(context, "context");
}

Result<void> check_document(const Session& session) {
  return check(session, "session");
}

Result<void> check_document(const Capture& capture) {
  return check(capture, "capture");
}

Result<void> check_document(const ContextEvent& event) {
  return check(event, "event");
}

}  // namespace loopstate::store
