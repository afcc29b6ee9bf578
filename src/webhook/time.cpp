#include "webhook/time.hpp"

#include <algorithm>
#include <chrono>

namespace loopstate::webhook {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes fixed-width fields from the front of a text; after the first missing one, nothing more.
class TimeText {
 public:
  explicit TimeText(std::string_view text) : text_(text) {}

  int number(std::size_t digits) {
    if (!good_ || text_.size() < digits || !std::ranges::all_of(text_.substr(0, digits), is_digit)) {
      good_ = false;
      return 0;
    }
    int value = 0;
    for (const char digit : text_.substr(0, digits)) value = value * 10 + (digit - '0');
    text_.remove_prefix(digits);
    return value;
  }

  // One of `choices`, or '\0'.
  char one_of(std::string_view choices) {
    if (!good_ || text_.empty() || !choices.contains(text_.front())) {
      good_ = false;
      return '\0';
    }
    const char taken = text_.front();
    text_.remove_prefix(1);
    return taken;
  }

  void skip_fraction() {
    if (!good_ || !text_.starts_with('.')) return;
    text_.remove_prefix(1);
    const auto end = std::min(text_.find_first_not_of("0123456789"), text_.size());
    good_ = end > 0;
    text_.remove_prefix(end);
  }

  bool finished() const { return good_ && text_.empty(); }

 private:
  std::string_view text_;
  bool good_ = true;
};

}  // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) noexcept {
  TimeText fields(text);
  const std::chrono::year year(fields.number(4));
  fields.one_of("-");
  const std::chrono::month month(static_cast<unsigned>(fields.number(2)));
  fields.one_of("-");
  const std::chrono::day day(static_cast<unsigned>(fields.number(2)));
  fields.one_of("Tt");
  const int hour = fields.number(2);
  fields.one_of(":");
  const int minute = fields.number(2);
  fields.one_of(":");
  const int second = fields.number(2);
  fields.skip_fraction();
  const char zone = fields.one_of("Zz+-");
  int offset_hours = 0;
  int offset_minutes = 0;
  if (zone == '+' || zone == '-') {
    offset_hours = fields.number(2);
    fields.one_of(":");
    offset_minutes = fields.number(2);
  }
  const std::chrono::year_month_day date(year, month, day);
  // A minute has 61 seconds when a leap second is inserted.
  if (!fields.finished() || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  if (offset_hours > 23 || offset_minutes > 59) return std::nullopt;
  const auto offset = std::chrono::hours(offset_hours) + std::chrono::minutes(offset_minutes);
  const auto local = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                     std::chrono::seconds(second);
  return zone == '-' ? local + offset : local - offset;
}

}  // namespace loopstate::webhook
