#include "store/rows/refund_ledger_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/currency.hpp"
#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "json/view.hpp"
#include "json/writer.hpp"
#include "loopstate/questions.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate::store {
namespace {

using RefundKind = RefundRecord::Kind;
using ReportState = RefundRecord::State;

constexpr std::array<std::pair<RefundKind, std::string_view>, 3> kKindNames = {{
    {RefundKind::Refund, "refund"},
    {RefundKind::Dispute, "dispute"},
    {RefundKind::RunningTotal, "total"},
}};
constexpr std::array<std::pair<ReportState, std::string_view>, 3> kStateNames = {{
    {ReportState::Taken, "taken"},
    {ReportState::Lost, "lost"},
    {ReportState::GivenBack, "given_back"},
}};

template <typename Names, typename Value>
std::string_view name_in(const Names& names, Value value) {
  return std::ranges::find(names, value, &Names::value_type::first)->second;
}

template <typename Names>
auto named(const Names& names, const std::optional<std::string>& text)
    -> std::optional<typename Names::value_type::first_type> {
  const auto found = std::ranges::find(names, text.value_or(""), &Names::value_type::second);
  if (found == names.end()) return std::nullopt;
  return found->first;
}

std::string to_json(const std::vector<RefundEntry>& entries) {
  json::Writer json(entries.size() * 160);
  json.begin_array();
  for (const auto& entry : entries) {
    json.begin_object().key("id").string(entry.id);
    json.key("kind").string(name_in(kKindNames, entry.kind));
    json.key("state").string(name_in(kStateNames, entry.state));
    json.key("amount_cents").number(entry.amount);
    json.key("currency").string(entry.currency.text());
    json.key("begun_at")
        .number(unix_seconds(entry.begun_at))
        .key("reported_at")
        .number(unix_seconds(entry.reported_at));
    json.key("arrival").number(entry.arrival).key("write_id").string(entry.write_id).end_object();
  }
  json.end_array();
  return std::move(json).take();
}

std::optional<RefundEntry> entry_from(const json::View& object) {
  RefundEntry entry;
  const auto text = [&](std::string_view name) { return json::string_member(object, name); };
  const auto number = [&](std::string_view name) {
    const auto found = object.find(name);
    return found ? found->signed_integer() : std::nullopt;
  };
  const auto id = text("id");
  const auto kind = named(kKindNames, text("kind"));
  const auto state = named(kStateNames, text("state"));
  const auto amount_member = object.find("amount_cents");
  const auto amount = amount_member ? amount_member->unsigned_integer() : std::nullopt;
  const auto code = text("currency").value_or("");
  const auto currency = code.empty() ? Currency{} : Currency::parse(code);
  if (!id || !kind || !state || !amount || !currency) return std::nullopt;
  entry.id = *id;
  entry.kind = *kind;
  entry.state = *state;
  entry.amount = *amount;
  entry.currency = *currency;
  entry.begun_at = from_unix_seconds(number("begun_at").value_or(0));
  entry.reported_at = from_unix_seconds(number("reported_at").value_or(0));
  entry.arrival = static_cast<std::uint64_t>(std::max<std::int64_t>(number("arrival").value_or(0), 0));
  entry.write_id = text("write_id").value_or("");
  return entry;
}

}  // namespace

Result<RefundLedger> refund_ledger_from_row(const table::Item& row) {
  RefundLedger ledger;
  TRY(auto refunds, need_string(row, attribute::kRefunds));
  TRY(auto revision, need_uint64(row, attribute::kRevision));
  const auto text = JsonText::parse(refunds);
  if (!text || json::View(*text).kind() != json::Kind::Array) {
    return corrupt(row.key, "attribute refunds is not a JSON array");
  }
  const json::View list(*text);
  for (const auto& element : list.elements()) {
    auto entry = entry_from(element);
    if (!entry) return corrupt(row.key, "attribute refunds has an element that is not a refund");
    ledger.entries.push_back(std::move(*entry));
  }
  ledger.revision = revision;
  ledger.expires_at = row.time(attribute::kTtl).value_or(Timestamp{});
  return ledger;
}

Result<std::optional<RefundLedger>> refund_ledger_from_row(const std::optional<table::Item>& row) {
  if (!row) return std::nullopt;
  TRY(auto ledger, refund_ledger_from_row(*row));
  return ledger;
}

table::Condition refund_ledger_is(const std::optional<RefundLedger>& ledger) {
  if (!ledger) return table::Condition::item_absent();
  return table::Condition::equals(attribute::kRevision, table::Value::number(ledger->revision));
}

table::Put put_refund_ledger(std::string_view payment, const std::optional<RefundLedger>& before,
                             const RefundLedger& next) {
  table::Item row;
  row.key = refund_ledger_key(payment);
  auto& attributes = row.attributes;
  attributes.set(std::string(attribute::kRefunds), to_json(next.entries));
  attributes.set(std::string(attribute::kRevision), table::Value::number(next.revision));
  attributes.set(std::string(attribute::kTtl), table::Value::time(next.expires_at));
  return table::Put{std::move(row), refund_ledger_is(before)};
}

ContextEvent refund_event(RefundKind kind, const Money& amount, Timestamp at) {
  ContextEvent event;
  event.event_type = "refund";
  event.timestamp = at;
  event.summary = fmt::format("{} {}", amount_text(amount),
                              kind == RefundKind::Dispute ? "taken back by a dispute" : "refunded");
  event.amount = amount.minor_units;
  return event;
}

ContextEvent undone_event(RefundKind kind, const Money& amount, Timestamp at) {
  ContextEvent event;
  event.event_type = "refund_undone";
  event.timestamp = at;
  event.summary =
      fmt::format("{} {}", amount_text(amount),
                  kind == RefundKind::Dispute ? "back: a dispute was won" : "not refunded: a refund failed");
  event.amount = amount.minor_units;
  return event;
}

}  // namespace loopstate::store

namespace loopstate {

std::string_view to_string(RefundRecord::Kind kind) noexcept {
  return store::name_in(store::kKindNames, kind);
}

std::string_view to_string(RefundRecord::State state) noexcept {
  return store::name_in(store::kStateNames, state);
}

}  // namespace loopstate
