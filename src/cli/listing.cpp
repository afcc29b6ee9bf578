#include "cli/listing.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/text.hpp"

namespace loopstate::cli {
namespace {

/// 256 MB, strongly consistent.
constexpr std::uint64_t kReadUnitsDefault = 65'536;
constexpr std::uint64_t kSpanSecondsMax = 10ULL * 366 * 86'400;

void say(std::string_view line) {
  fmt::print(stderr, "{}\n", line);
}

std::optional<std::uint64_t> seconds_in(std::string_view unit) {
  if (unit.empty() || unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3'600;
  if (unit == "d") return 86'400;
  return std::nullopt;
}

std::string cost_text(const ReadCost& cost) {
  auto text = fmt::format("Read {} in {}", count_text(cost.items, "item", "items"),
                          count_text(cost.requests, "request", "requests"));
  return text + fmt::format(", for which DynamoDB charged {:.0f} read units.", std::ceil(cost.read_units));
}

}  // namespace

Result<Paging> read_paging(const Arguments& arguments) {
  Paging paging;
  TRY(paging.limit, whole_number_or(arguments, "--limit", 0, 1));
  TRY(const auto units, whole_number_or(arguments, "--read-units", kReadUnitsDefault, 1, 1ULL << 40));
  paging.read_units = static_cast<double>(units);
  paging.after = arguments.optional("--after");
  paging.stale = arguments.has("--stale");
  return paging;
}

Result<void> check_paging(const Arguments& arguments) {
  TRY([[maybe_unused]] const auto paging, read_paging(arguments));
  return {};
}

Result<std::optional<std::chrono::seconds>> span(const Arguments& arguments, std::string_view name) {
  if (!arguments.has(name)) return std::nullopt;
  const auto& text = arguments.text(name);
  std::uint64_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  const auto unit =
      seconds_in(std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end)));
  if (problem != std::errc() || !unit || count > kSpanSecondsMax / *unit) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{}: expected a time such as 90s, 30m, 12h or 7d, at most ten years; found {}",
                            name, shown(text)));
  }
  return std::chrono::seconds(count * *unit);
}

Result<void> Listing::print_page(const std::vector<std::string>& heads,
                                 const std::vector<std::vector<std::string>>& rows,
                                 const std::vector<std::string>& json) {
  std::string out;
  for (const auto& line : json) out += line + '\n';
  entries_ += rows.size() + json.size();
  if (!rows.empty()) {
    auto all = rows;
    if (!headed_) all.insert(all.begin(), heads);
    headed_ = true;
    out += table_text(all);
  }
  if (out.empty()) return {};
  if (!program_.json()) return put(safe_text(out));
  return put(isatty(STDOUT_FILENO) == 1 ? safe_json(out) : out);
}

// Whoever reads it may have read enough: `loopstate user list | head`.
Result<void> Listing::put(const std::string& out) {
  errno = 0;
  auto written = write_stdout(out);
  if (written || errno != EPIPE) return written;
  unread_ = true;
  return {};
}

Result<void> Listing::note_page(std::optional<std::string> next, std::size_t unreadable,
                                const ReadCost& cost) {
  paging_.after = std::move(next);
  unreadable_ += unreadable;
  cost_ += cost;
  const bool enough = paging_.limit > 0 && entries_ >= paging_.limit;
  more_ =
      paging_.after && !unread_ && !enough && cost_.read_units < paging_.read_units && !interruption_.came();
  return {};
}

Result<CommandOutput> Listing::finish(const std::string& none) {
  CommandOutput answer;
  answer.written = true;
  if (unread_) return answer;
  if (unreadable_ > 0) answer.status = ExitStatus::Failed;
  if (program_.json()) {
    JsonObject page;
    page.number("entries", entries_).optional_text("next", paging_.after).number("unreadable", unreadable_);
    page.number("requests", cost_.requests).number("items_read", cost_.items);
    page.decimal("read_units", cost_.read_units);
    TRY_OK(write_stdout(JsonObject().raw("page", page.str()).str() + '\n'));
    return answer;
  }
  if (entries_ == 0 && !paging_.after) {
    TRY_OK(write_stdout(none + '\n'));
  }
  if (cost_.read_units > 0) say(cost_text(cost_));
  if (unreadable_ > 0) {
    say(fmt::format("{} cannot be read and may belong here: 'loopstate check' names them.",
                    count_text(unreadable_, "item", "items")));
  }
  if (paging_.after) say(fmt::format("There is more: the same command with --after {}", *paging_.after));
  return answer;
}

Error Listing::with_way_on(Error error) const {
  if (entries_ == 0 || !paging_.after) return error;
  return with_advice(std::move(error),
                     fmt::format("the same command with --after {} goes on", *paging_.after));
}

}  // namespace loopstate::cli
