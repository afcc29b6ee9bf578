// The parameters of a call, from its JSON object.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/view.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/json_text.hpp"
#include "loopstate/money.hpp"
#include "loopstate/names.hpp"
#include "loopstate/options.hpp"

namespace loopstate::c {

/// One object of parameters: the call's own, or one inside it. Every member is asked for by name, then
/// `check` says whether all was well. What is wrong with a member is remembered, the first problem of all;
/// until `check`, its value is a default. A member that is null counts as absent.
class Params {
 public:
  /// Of a whole call. InvalidArgument if the text is not a JSON object. The text must outlive the result.
  static Result<Params> parse(std::string_view json);

  bool has(std::string_view member) const;
  /// Of all members.
  std::vector<std::string> names() const;

  template <typename AnyName>
  AnyName name(std::string_view member) {
    auto found = optional_name<AnyName>(member);
    if (!found) missing(member, "a string");
    return found ? *std::move(found) : AnyName();
  }
  template <typename AnyName>
  std::optional<AnyName> optional_name(std::string_view member) {
    auto text = optional_text(member);
    if (!text) return std::nullopt;
    auto name = AnyName::parse(*text);
    if (name) return *std::move(name);
    refuse(std::move(name.error().message), member);
    return std::nullopt;
  }

  template <typename AnyName>
  std::vector<AnyName> names_of(std::string_view member) {
    std::vector<AnyName> names;
    for (const auto& text : texts(member)) {
      auto name = AnyName::parse(text);
      if (!name) refuse(std::move(name.error().message), place_in(member, names.size()));
      names.push_back(name ? *std::move(name) : AnyName());
    }
    return names;
  }

  std::string text(std::string_view member);
  std::optional<std::string> optional_text(std::string_view member);
  std::vector<std::string> texts(std::string_view member);
  bool flag(std::string_view member);
  std::uint64_t number(std::string_view member, std::uint64_t least = 0, std::uint64_t most = UINT64_MAX);
  std::optional<std::uint64_t> optional_number(std::string_view member, std::uint64_t least = 0,
                                               std::uint64_t most = UINT64_MAX);
  /// In the text as seconds, whole or not, up to ten years; rounded up to a millisecond.
  std::optional<std::chrono::milliseconds> timeout(std::string_view member);
  /// In whole seconds.
  std::chrono::seconds span(std::string_view member);
  std::optional<std::chrono::seconds> optional_span(std::string_view member);
  /// Absent: `Timestamp{}`.
  Timestamp time(std::string_view member);
  Timestamp required_time(std::string_view member);
  std::optional<Timestamp> optional_time(std::string_view member);
  /// Any JSON. Only here, null is a value like any other.
  JsonText value(std::string_view member);
  std::optional<JsonText> optional_value(std::string_view member);
  Currency currency(std::string_view member);
  /// One of a few words; absent: the first.
  template <typename Value>
  Value one_of(std::string_view member, std::initializer_list<std::pair<std::string_view, Value>> words) {
    const auto word = optional_text(member);
    if (!word) return words.begin()->second;
    std::string expected;
    for (const auto& [known, value] : words) {
      if (*word == known) return value;
      expected += (expected.empty() ? "\"" : ", \"") + std::string(known) + '"';
    }
    not_one_of(member, *word, expected);
    return words.begin()->second;
  }
  /// The same where it must be given.
  template <typename Value>
  Value required_one_of(std::string_view member,
                        std::initializer_list<std::pair<std::string_view, Value>> words) {
    if (!has(member)) missing(member, "a word");
    return one_of(member, words);
  }
  /// A document that has a text form of its own; an optional one is nothing where it is absent.
  template <typename T>
  T document(std::string_view member, Result<T> (*from_json)(std::string_view)) {
    auto found = optional_document(member, from_json);
    if (!found) missing(member, "an object");
    return found ? *std::move(found) : T();
  }
  template <typename T>
  std::optional<T> optional_document(std::string_view member, Result<T> (*from_json)(std::string_view)) {
    const auto text = text_of_object(member);
    if (text.empty()) return std::nullopt;
    auto read = from_json(text);
    if (read) return *std::move(read);
    refuse(std::string(member) + ": " + read.error().message, member);
    return std::nullopt;
  }
  /// Each is to end with `check_members`.
  Params object(std::string_view member);
  std::optional<Params> optional_object(std::string_view member);
  std::vector<Params> objects(std::string_view member);

  // What many calls can be told.
  CallOptions read_call();   ///< timeout
  CallOptions write_call();  ///< timeout, request_id
  ReadOptions read();        ///< timeout, may_be_stale

  /// Remembers a problem that the caller found.
  void wrong(std::string message);
  /// Of an object inside another one: a member that nobody asked for is a problem.
  void check_members();
  /// Of a call: InvalidArgument, with the first problem.
  Result<void> check();

  /// From here on, the names of all members that are asked for, present or not, go into `asked`.
  void watch(std::vector<std::string>& asked) noexcept { asked_ = &asked; }

 private:
  struct Member {
    std::string name;
    json::View value;
    bool taken = false;
  };
  using First = std::shared_ptr<std::optional<std::string>>;

  Params(std::string path, First first) : path_(std::move(path)), first_(std::move(first)) {}
  bool read_members(json::Reader& reader);
  /// The member, marked as taken; null if it is absent.
  const json::View* take(std::string_view member);
  const json::View* take(std::string_view member, json::Kind kind, std::string_view expected);
  std::string_view text_of_object(std::string_view member);
  void refuse(std::string message, std::string_view member);
  void missing(std::string_view member, std::string_view expected);
  void wrong_kind(std::string_view member, const json::View& found, std::string_view expected);
  void not_one_of(std::string_view member, std::string_view word, std::string_view expected);
  std::string inside(std::string_view member) const;
  static std::string place_in(std::string_view member, std::size_t index);

  std::string path_;  // of this object, with a dot at its end; empty for a call's own
  First first_;
  std::vector<Member> members_;
  std::vector<std::string>* asked_ = nullptr;
};

}  // namespace loopstate::c
