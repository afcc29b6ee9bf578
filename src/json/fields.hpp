// What a document must hold: its members by name and type, and the first one that is wrong.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/view.hpp"

namespace loopstate::json {

/// Which member is wrong, by its path from the document's root, and how: never what the member holds.
struct FieldProblem {
  std::string field;  ///< "payment.amount_money.currency"
  std::string what;   ///< the rest of the sentence: "is a number; expected a string"

  std::string message() const { return field + ' ' + what; }
};

/// An object of a checked text, which must outlive it. The members are read once, here. A member that is
/// null counts as absent.
///
/// An optional member that is absent or of another kind is nothing (`find_...`). A required member that is
/// missing is empty, and the document remembers the first such problem: read on, and check once at the end.
/// Copies and the objects inside share what is remembered.
///
///     const Fields document(View(text));
///     const auto id = document.text("id");
///     const auto amount = document.object("money").unsigned_integer("amount");
///     if (!document.ok()) return refuse(document.problem().message());
class Fields {
 public:
  /// No members if `object` is of another kind.
  explicit Fields(View object) : Fields(object, {}, std::make_shared<std::optional<FieldProblem>>()) {}

  /// Of any kind.
  std::optional<View> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  std::optional<std::string> find_text(std::string_view name) const;
  std::optional<bool> find_bool(std::string_view name) const;
  std::optional<Fields> find_object(std::string_view name) const;
  /// The only element of a list, if it is an object.
  std::optional<Fields> find_only_object(std::string_view name) const;

  /// All, in order, null or not: for an object whose members have names that are not ours.
  const std::vector<std::pair<std::string, View>>& members() const& noexcept { return members_; }
  /// A loop over the members of a temporary would read what is gone: give it a name.
  void members() const&& = delete;

  std::string text(std::string_view name) const;
  /// Absent: nothing. Of another kind: a problem.
  std::optional<std::string> optional_text(std::string_view name) const;
  std::optional<bool> optional_bool(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  std::uint64_t unsigned_integer(std::string_view name, std::uint64_t max = UINT64_MAX) const;
  std::vector<std::string> texts(std::string_view name, std::size_t count_max) const;
  Fields object(std::string_view name) const;
  /// Any type with a checked `T::parse(text)`; a T{} if the text is not valid. `name` says where the
  /// text comes from, for the message.
  template <typename T>
  T parsed(std::string_view name, std::string_view text) const {
    auto value = T::parse(text);
    if (value) return *std::move(value);
    wrong(name, "cannot be used: " + value.error().message);
    return T{};
  }
  template <typename T>
  T parsed(std::string_view name) const {
    return parsed<T>(name, text(name));
  }

  /// Remembers a problem found by the caller, unless there is one already.
  void wrong(std::string_view name, std::string_view what) const;
  /// "is missing; expected a string": says what was found instead of `expected`.
  void wrong_kind(std::string_view name, std::string_view expected) const;

  /// Of the whole document.
  bool ok() const noexcept { return !*first_; }
  /// Only if it is not ok.
  const FieldProblem& problem() const noexcept { return **first_; }

 private:
  using First = std::shared_ptr<std::optional<FieldProblem>>;

  Fields(View object, std::string path, First first)
      : members_(object.members()), path_(std::move(path)), first_(std::move(first)) {}
  Fields inside(std::string_view name, View object) const { return Fields(object, path_of(name), first_); }
  std::string path_of(std::string_view name) const;

  std::vector<std::pair<std::string, View>> members_;
  std::string path_;
  First first_;
};

}  // namespace loopstate::json
