// The commands that list across users: page by page as the answer comes, so that the first line does not wait
// for the last, and with a bound on what they read where reading is charged for.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/program.hpp"
#include "cli/whole_store.hpp"
#include "loopstate/questions.hpp"

namespace loopstate::cli {

/// `--limit`, `--after`, `--stale`, `--read-units` as a person typed them, checked.
struct Paging {
  std::uint64_t limit = 0;  ///< 0: none
  std::optional<std::string> after;
  bool stale = false;
  double read_units = 0;
};
Result<Paging> read_paging(const Arguments& arguments);
/// Only whether it makes sense: before a store is opened.
Result<void> check_paging(const Arguments& arguments);

/// `90s`, `30m`, `12h`, `7d`, or a number of seconds; nothing if the parameter was left out.
Result<std::optional<std::chrono::seconds>> span(const Arguments& arguments, std::string_view name);

/// How entries become lines.
template <typename Entry>
struct Lines {
  std::vector<std::string> heads;                               ///< of the columns
  std::function<std::vector<std::string>(const Entry&)> cells;  ///< printable
  std::function<std::string(const Entry&)> json;
  std::string none;  ///< what a person reads if there is nothing
};

/// Prints one page after the other.
class Listing {
 public:
  Listing(const Program& program, Paging paging) : program_(program), paging_(std::move(paging)) {}

  bool wants_more() const noexcept { return more_; }
  /// Sets what says which page is the next one.
  template <typename Options>
  void turn_page(Options& options) const {
    options.after(paging_.after).limit(paging_.limit == 0 ? 0 : paging_.limit - entries_);
    options.may_be_stale(paging_.stale);
  }

  Result<void> print_page(const std::vector<std::string>& heads,
                          const std::vector<std::vector<std::string>>& rows,
                          const std::vector<std::string>& json);
  /// What the page says beside its entries.
  Result<void> note_page(std::optional<std::string> next, std::size_t unreadable, const ReadCost& cost);
  Result<CommandOutput> finish(const std::string& none);
  /// The same error, saying how to go on from where it came.
  Error with_way_on(Error error) const;

 private:
  Result<void> put(const std::string& out);

  const Program& program_;
  Paging paging_;
  Interruption interruption_;
  bool more_ = true;
  bool headed_ = false;
  bool unread_ = false;  // the reader has gone
  std::uint64_t entries_ = 0;
  std::size_t unreadable_ = 0;
  ReadCost cost_;
};

/// `ask(options)` returns the page that the options ask for.
template <typename Options, typename Entry, typename Ask>
Result<CommandOutput> list_pages(Program& program, const Arguments& arguments, const Lines<Entry>& lines,
                                 const Options& filter, Ask ask) {
  TRY(auto paging, read_paging(arguments));
  Listing listing(program, std::move(paging));
  while (listing.wants_more()) {
    Options options = filter;
    TRY(const auto call, program.call_options(arguments));
    options.deadline(call.deadline());
    listing.turn_page(options);
    Result<AnswerPage<Entry>> page = ask(std::move(options));
    if (!page) return std::unexpected(listing.with_way_on(std::move(page.error())));
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> json;
    for (const auto& entry : page->entries) {
      program.json() ? json.push_back(lines.json(entry)) : rows.push_back(lines.cells(entry));
    }
    TRY_OK(listing.print_page(lines.heads, rows, json));
    TRY_OK(listing.note_page(std::move(page->next), page->unreadable, page->cost));
  }
  return listing.finish(lines.none);
}

}  // namespace loopstate::cli
