// Reads items from text: one a line, or a JSON array of them.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::store {

/// An item is at most 400 KB; its JSON, escapes included, is bounded by this.
inline constexpr std::size_t kMaxItemTextBytes = 8u << 20;

/// Takes the text piece by piece and gives item by item. Empty lines are passed over; a text that begins with
/// "[" is an array, whose elements may stand on several lines.
class ItemLines {
 public:
  /// Gives the next piece of the text; an empty one at the end.
  using Pieces = std::function<Result<std::string>()>;

  explicit ItemLines(Pieces pieces) : pieces_(std::move(pieces)) {}

  /// Nothing at the end. InvalidArgument names the line, from 1 (of an array: where the element begins), and
  /// what is wrong with it. After an error there is nothing more to read.
  Result<std::optional<table::Item>> next();
  /// Where the item that came last begins, from 1.
  std::size_t line_of_last() const { return line_of_last_; }

 private:
  enum class Form { Unknown, Lines, Array };

  Result<bool> fill();
  Result<void> skip_space();
  Result<std::optional<table::Item>> next_line();
  Result<std::optional<table::Item>> next_element();
  Result<std::size_t> find_element_end();
  Result<table::Item> take(std::size_t length);
  std::unexpected<Error> refused(std::string_view why) const;

  Pieces pieces_;
  Form form_ = Form::Unknown;
  std::string text_;  // not taken yet, from at_
  std::size_t at_ = 0;
  std::size_t line_ = 1;  // of at_
  std::size_t line_of_last_ = 0;
  bool ended_ = false;  // the pieces are used up
  bool first_element_ = true;
  bool array_closed_ = false;
};

}  // namespace loopstate::store
