// Reads items from text: one per line, or a JSON array of them.
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

/// Takes the text piece by piece and returns item by item. Empty lines are skipped; a text that begins with
/// "[" is an array, whose elements may span several lines.
class ItemLines {
 public:
  /// Returns the next piece of the text; an empty one at the end.
  using Pieces = std::function<Result<std::string>()>;

  explicit ItemLines(Pieces pieces) : pieces_(std::move(pieces)) {}

  /// Nothing at the end. InvalidArgument names the line, from 1 (in an array: where the element begins), and
  /// what is wrong with it. After an error nothing more can be read.
  Result<std::optional<table::Item>> next();
  /// The line on which the last item begins, from 1.
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
  std::string text_;  // not consumed yet, starting at at_
  std::size_t at_ = 0;
  std::size_t line_ = 1;  // the line that at_ is on
  std::size_t line_of_last_ = 0;
  bool ended_ = false;  // there are no more pieces
  bool first_element_ = true;
  bool array_closed_ = false;
};

}  // namespace loopstate::store
