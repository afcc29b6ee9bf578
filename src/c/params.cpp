#include "c/params.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json_text_access.hpp"
#include "base/nearest.hpp"
#include "base/timestamp.hpp"
#include "loopstate/settings.hpp"

namespace loopstate::c {
namespace {

constexpr std::size_t kShownBytes = 40;

/// What stands there, as far as it is short: for messages.
std::string shown_value(const json::View& value) {
  const auto kind = value.kind();
  const bool is_long = value.text().size() > kShownBytes;
  if (is_long || kind == json::Kind::Array || kind == json::Kind::Object || kind == json::Kind::Null) {
    return std::string(json::to_string(kind));
  }
  return std::string(value.text());
}

std::string whole_number_from(std::uint64_t least, std::uint64_t most) {
  if (most == UINT64_MAX && least == 0) return "a whole number, 0 or more";
  if (most == UINT64_MAX) return fmt::format("a whole number, {} or more", least);
  return fmt::format("a whole number from {} to {}", least, most);
}

}  // namespace

bool Params::read_members(json::Reader& reader) {
  members_.reserve(8);
  if (!reader.begin_object()) return false;
  std::string_view key;
  while (reader.next_member(key)) {
    std::string name(key);
    members_.push_back({std::move(name), json::View(reader.skip())});
  }
  return reader.ok();
}

Result<Params> Params::parse(std::string_view json) {
  Params params({}, std::make_shared<std::optional<std::string>>());
  json::Reader reader(json);
  if (params.read_members(reader) && reader.finish()) return params;
  return fail(ErrorCode::InvalidArgument, fmt::format("the parameters are not a JSON object: {} at byte {}",
                                                      reader.problem().message, reader.problem().offset));
}

std::string Params::inside(std::string_view member) const {
  return path_ + std::string(member);
}

std::string Params::place_in(std::string_view member, std::size_t index) {
  return fmt::format("{}[{}]", member, index);
}

void Params::wrong(std::string message) {
  if (!*first_) *first_ = std::move(message);
}

/// The message begins with the member's name, as the checks of names and documents do.
void Params::refuse(std::string message, std::string_view member) {
  if (message.starts_with(member)) return wrong(path_ + message);
  wrong(fmt::format("{}: {}", inside(member), message));
}

void Params::missing(std::string_view member, std::string_view expected) {
  wrong(fmt::format("{} is missing; expected {}", inside(member), expected));
}

void Params::wrong_kind(std::string_view member, const json::View& found, std::string_view expected) {
  wrong(fmt::format("{} is {}; expected {}", inside(member), shown_value(found), expected));
}

void Params::not_one_of(std::string_view member, std::string_view word, std::string_view expected) {
  wrong(
      fmt::format("{} is \"{}\"; expected one of {}", inside(member), word.substr(0, kShownBytes), expected));
}

const json::View* Params::take(std::string_view member) {
  if (asked_ != nullptr) asked_->push_back(inside(member));
  for (auto& one : members_) {
    if (one.name != member) continue;
    one.taken = true;
    return one.value.is_null() ? nullptr : &one.value;
  }
  return nullptr;
}

const json::View* Params::take(std::string_view member, json::Kind kind, std::string_view expected) {
  const auto* found = take(member);
  if (found == nullptr || found->kind() == kind) return found;
  wrong_kind(member, *found, expected);
  return nullptr;
}

bool Params::has(std::string_view member) const {
  return std::ranges::any_of(members_,
                             [&](const Member& one) { return one.name == member && !one.value.is_null(); });
}

std::vector<std::string> Params::names() const {
  std::vector<std::string> names;
  for (const auto& one : members_) names.push_back(one.name);
  return names;
}

std::optional<std::string> Params::optional_text(std::string_view member) {
  const auto* found = take(member, json::Kind::String, "a string");
  return found == nullptr ? std::nullopt : found->string();
}

std::string Params::text(std::string_view member) {
  auto found = optional_text(member);
  if (!found) missing(member, "a string");
  return found ? *std::move(found) : std::string();
}

std::vector<std::string> Params::texts(std::string_view member) {
  std::vector<std::string> texts;
  const auto* found = take(member, json::Kind::Array, "an array of strings");
  if (found == nullptr) {
    missing(member, "an array of strings");
    return texts;
  }
  for (const auto& element : found->elements()) {
    auto text = element.string();
    if (!text) wrong_kind(place_in(member, texts.size()), element, "a string");
    texts.push_back(text ? *std::move(text) : std::string());
  }
  return texts;
}

bool Params::flag(std::string_view member) {
  const auto* found = take(member, json::Kind::Boolean, "true or false");
  return found != nullptr && found->boolean().value_or(false);
}

std::optional<std::uint64_t> Params::optional_number(std::string_view member, std::uint64_t least,
                                                     std::uint64_t most) {
  const auto* found = take(member);
  if (found == nullptr) return std::nullopt;
  const auto number = found->kind() == json::Kind::Number ? found->unsigned_integer() : std::nullopt;
  if (number && *number >= least && *number <= most) return number;
  wrong_kind(member, *found, whole_number_from(least, most));
  return std::nullopt;
}

std::uint64_t Params::number(std::string_view member, std::uint64_t least, std::uint64_t most) {
  const auto found = optional_number(member, least, most);
  if (!found) missing(member, whole_number_from(least, most));
  return found.value_or(least);
}

std::optional<std::chrono::milliseconds> Params::timeout(std::string_view member) {
  const auto* found = take(member);
  if (found == nullptr) return std::nullopt;
  double seconds = 0;
  bool good = false;
  if (const auto text = found->number()) {
    const auto read = std::from_chars(text->data(), text->data() + text->size(), seconds);
    good = read.ec == std::errc{} && seconds >= 0 && seconds <= double(kMaxLifetime.count());
  }
  if (good) return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
  wrong_kind(member, *found, fmt::format("a number of seconds from 0 to {}", kMaxLifetime.count()));
  return std::nullopt;
}

std::optional<std::chrono::seconds> Params::optional_span(std::string_view member) {
  const auto number = optional_number(member, 0, INT64_MAX);
  if (!number) return std::nullopt;
  return std::chrono::seconds(*number);
}

std::chrono::seconds Params::span(std::string_view member) {
  return std::chrono::seconds(number(member, 0, INT64_MAX));
}

std::optional<Timestamp> Params::optional_time(std::string_view member) {
  const auto* found = take(member);
  if (found == nullptr) return std::nullopt;
  const auto seconds = found->kind() == json::Kind::Number ? found->signed_integer() : std::nullopt;
  if (seconds) return from_unix_seconds(*seconds);
  wrong_kind(member, *found, "whole seconds since 1970");
  return std::nullopt;
}

Timestamp Params::required_time(std::string_view member) {
  const auto found = optional_time(member);
  if (!found) missing(member, "whole seconds since 1970");
  return found.value_or(Timestamp{});
}

Timestamp Params::time(std::string_view member) {
  return optional_time(member).value_or(Timestamp{});
}

std::optional<JsonText> Params::optional_value(std::string_view member) {
  const auto* found = take(member);
  if (found != nullptr) return trusted_json(std::string(found->text()));
  const bool is_null =
      std::ranges::any_of(members_, [&](const Member& one) { return one.name == member && one.taken; });
  return is_null ? std::optional<JsonText>(JsonText()) : std::nullopt;
}

JsonText Params::value(std::string_view member) {
  auto found = optional_value(member);
  if (!found) missing(member, "a JSON value");
  return found ? *std::move(found) : JsonText();
}

Currency Params::currency(std::string_view member) {
  const auto text = optional_text(member);
  if (!text) return {};
  auto currency = Currency::parse(*text);
  if (currency) return *currency;
  refuse(std::move(currency.error().message), member);
  return {};
}

std::string_view Params::text_of_object(std::string_view member) {
  const auto* found = take(member, json::Kind::Object, "an object");
  return found == nullptr ? std::string_view() : found->text();
}

std::optional<Params> Params::optional_object(std::string_view member) {
  const auto text = text_of_object(member);
  if (text.empty()) return std::nullopt;
  Params nested(inside(member) + '.', first_);
  nested.asked_ = asked_;
  json::Reader reader(text);
  nested.read_members(reader);
  return nested;
}

Params Params::object(std::string_view member) {
  auto found = optional_object(member);
  if (found) return *std::move(found);
  missing(member, "an object");
  Params nothing(inside(member) + '.', first_);
  nothing.asked_ = asked_;
  return nothing;
}

std::vector<Params> Params::objects(std::string_view member) {
  std::vector<Params> objects;
  const auto* found = take(member, json::Kind::Array, "an array of objects");
  if (found == nullptr) {
    missing(member, "an array of objects");
    return objects;
  }
  for (const auto& element : found->elements()) {
    const auto place = place_in(member, objects.size());
    if (element.kind() != json::Kind::Object) wrong_kind(place, element, "an object");
    Params nested(inside(place) + '.', first_);
    nested.asked_ = asked_;
    json::Reader reader(element.text());
    nested.read_members(reader);
    objects.push_back(std::move(nested));
  }
  return objects;
}

CallOptions Params::read_call() {
  return CallOptions().timeout(timeout("timeout"));
}

CallOptions Params::write_call() {
  return read_call().request_id(optional_text("request_id"));
}

ReadOptions Params::read() {
  return ReadOptions(read_call()).may_be_stale(flag("may_be_stale"));
}

void Params::check_members() {
  if (*first_) return;
  for (const auto& one : members_) {
    if (one.taken) continue;
    return wrong(fmt::format("{} is no parameter of this call", inside(one.name.substr(0, kShownBytes))));
  }
}

Result<void> Params::check() {
  check_members();
  if (!*first_) return {};
  return fail(ErrorCode::InvalidArgument, **first_);
}

}  // namespace loopstate::c
