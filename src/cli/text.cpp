#include "cli/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/currency.hpp"
#include "base/timestamp.hpp"
#include "base/utf8.hpp"
#include "cli/json_output.hpp"

namespace loopstate::cli {
namespace {

std::string_view yes_no(bool value) {
  return value ? "yes" : "no";
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string headed(const Style& style, std::string_view heading) {
  return style.bold(heading) + "\n";
}

std::string vault_text(const Vault& vault) {
  return table_text({{"cred balance", fmt::format("{}", vault.cred_balance)},
                     {"oxo balance", fmt::format("{}", vault.oxo_balance)},
                     {"total staked", fmt::format("{}", vault.total_staked)},
                     {"pending yield", fmt::format("{}", vault.pending_yield)},
                     {"active positions", fmt::format("{}", vault.active_positions)},
                     {"snapshot taken", time_text(vault.snapshot_at)}},
                    "  ");
}

std::string preferences_text(const Preferences& wishes) {
  const auto& notify = wishes.notifications;
  return table_text(
      {{"auto stake", std::string(yes_no(wishes.auto_stake))},
       {"default duration", count_text(wishes.default_duration_days, "day", "days")},
       {"auto compound", fmt::format("{}, from {}", yes_no(wishes.auto_compound), wishes.compound_threshold)},
       {"risk tolerance", printable(wishes.risk_tolerance)},
       {"notify", fmt::format("capture {}, stake {}, yield {}, unlock {}, from {}", yes_no(notify.on_capture),
                              yes_no(notify.on_stake), yes_no(notify.on_yield), yes_no(notify.on_unlock),
                              notify.min_notify_amount)}},
      "  ");
}

std::string events_text(const std::vector<ContextEvent>& events) {
  if (events.empty()) return "  none\n";
  std::vector<std::vector<std::string>> rows;
  rows.reserve(events.size());
  for (const auto& event : events) {
    rows.push_back({time_text(event.timestamp), printable(event.event_type),
                    event.amount ? fmt::format("{}", *event.amount) : "-", printable(event.summary)});
  }
  return table_text(rows, "  ");
}

std::string memory_text(const std::map<std::string, JsonText>& memory) {
  if (memory.empty()) return "  nothing\n";
  std::vector<std::vector<std::string>> rows;
  rows.reserve(memory.size());
  for (const auto& [key, value] : memory) rows.push_back({printable(key), value.text()});
  return table_text(rows, "  ");
}

}  // namespace

std::string time_text(Timestamp time) {
  if (time == Timestamp{}) return "never";
  const std::time_t seconds = unix_seconds(time);
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return fmt::format("second {}", seconds);
  std::array<char, 64> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text.data(), length};
}

std::string count_text(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string table_text(const std::vector<std::vector<std::string>>& rows, std::string_view indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    text += indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - columns_of(row[i]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string context_text(const Context& context, const Style& style) {
  return fmt::format("{}, version {}, updated {}\n", style.bold(printable(context.pubkey.text())),
                     context.version, time_text(context.updated_at)) +
         headed(style, "Vault") + vault_text(context.vault) + headed(style, "Preferences") +
         preferences_text(context.preferences) + headed(style, "Recent events") +
         events_text(context.recent_events) + headed(style, "Memory") + memory_text(context.agent_memory);
}

std::string capture_text(const Capture& capture) {
  auto text = fmt::format("{} at {}", amount_text(capture.amount),
                          printable(capture.merchant_name.value_or(capture.merchant_id)));
  if (capture.card_last4) text += fmt::format(", card ending in {}", printable(*capture.card_last4));
  if (capture.refunded.minor_units > 0) {
    text += fmt::format(", {} refunded", amount_text(capture.refunded));
  }
  return fmt::format("{}, id {}, pending until {}", text, printable(capture.id),
                     time_text(capture.expires_at));
}

std::string captures_text(const std::vector<Capture>& captures) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(captures.size());
  for (const auto& capture : captures) {
    rows.push_back(
        {time_text(capture.created_at), amount_text(capture.amount),
         capture.refunded.minor_units > 0 ? fmt::format("{} refunded", amount_text(capture.refunded)) : "-",
         printable(capture.merchant_name.value_or(capture.merchant_id)), printable(capture.id)});
  }
  return table_text(rows, "  ");
}

std::string card_text(const Card& card) {
  return fmt::format("{}{} belongs to {}, linked {}", printable(card.fingerprint.text()),
                     card.last4.empty() ? "" : fmt::format(" (ending in {})", printable(card.last4)),
                     printable(card.user.text()), time_text(card.linked_at));
}

std::string session_text(const Session& session) {
  std::string scopes;
  for (const auto& scope : session.scopes) scopes += (scopes.empty() ? "" : ", ") + printable(scope);
  return fmt::format("key {}, vault {}, may {}; {} of {} used; until {}", printable(session.key_pubkey),
                     printable(session.vault_pubkey), scopes.empty() ? "nothing" : scopes,
                     session.actions_used, count_text(session.max_actions, "action", "actions"),
                     time_text(session.expires_at));
}

std::string location_text(const Location& location) {
  return fmt::format("at {} since {}", printable(location.merchant.text()), time_text(location.entered_at));
}

std::string processed_text(const ProcessedTransaction& record) {
  auto text = fmt::format("{} was done for {}, amount {}, {}", printable(record.transaction.text()),
                          printable(record.user.text()), record.cred_amount, time_text(record.processed_at));
  if (record.result) text += fmt::format("\n  result: {}", printable(*record.result));
  return text;
}

std::string snapshot_text(const std::string& user, const Snapshot& snapshot, const Style& style) {
  if (snapshot.erased) return fmt::format("{} was erased.\n", printable(user));
  auto text = snapshot.context ? context_text(*snapshot.context, style)
                               : fmt::format("{} has no context.\n", style.bold(printable(user)));
  text += headed(style, fmt::format("Pending captures ({})", snapshot.captures.size()));
  text += snapshot.captures.empty() ? "  none\n" : captures_text(snapshot.captures);
  text += headed(style, "Cards");
  for (const auto& card : snapshot.cards) {
    text += fmt::format("  {}{}, linked {}\n", printable(card.fingerprint.text()),
                        card.last4.empty() ? "" : fmt::format(" ending in {}", printable(card.last4)),
                        time_text(card.linked_at));
  }
  if (snapshot.cards.empty()) text += "  none\n";
  text += headed(style, "Session") +
          fmt::format("  {}\n", snapshot.session ? session_text(*snapshot.session) : "none");
  text += headed(style, "Location") +
          fmt::format("  {}\n", snapshot.location ? location_text(*snapshot.location) : "unknown");
  text += headed(style, fmt::format("Collections of documents ({})", snapshot.collections.size()));
  for (const auto& one : snapshot.collections) {
    text += fmt::format("  {}, {} document{} appended\n", printable(one.collection.text()), one.appended,
                        one.appended == 1 ? "" : "s");
  }
  if (snapshot.collections.empty()) text += "  none\n";
  return text;
}

}  // namespace loopstate::cli
