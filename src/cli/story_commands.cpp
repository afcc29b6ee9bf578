// txn show: everything about one payment.
#include <fmt/format.h>

#include "base/currency.hpp"
#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/listing_commands.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "json/array.hpp"

namespace loopstate::cli {
namespace {

using Fate = CaptureFate::State;
using Rows = std::vector<std::vector<std::string>>;

std::string seen_text(const PaymentStory& story) {
  if (story.seen) {
    return fmt::format("{} for {}, {}; a repetition is a duplicate until {}",
                       time_text(story.seen->record.processed_at), printable(story.seen->record.user.text()),
                       amount_text(story.seen->paid), time_text(story.seen->remembered_until));
  }
  if (!story.refunds.empty()) return "not yet: what was refunded before it comes is taken off when it does";
  return "not yet";
}

std::string wait_text(const PaymentWait& wait) {
  const auto came = fmt::format("{}, {}", time_text(wait.since), amount_text(wait.amount));
  switch (wait.state) {
    case PaymentWait::State::Waiting:
      return fmt::format("came {}, waiting for its card to be linked until {}", came, time_text(wait.until));
    case PaymentWait::State::Recorded:
      return fmt::format("came {}, before its card was linked", came);
    case PaymentWait::State::Unlinked:
      break;
  }
  return fmt::format(
      "came {}; nobody linked its card by {}. If the provider delivers it again after the link, it "
      "is recorded",
      came, time_text(wait.until));
}

std::string claim_state_text(const ClaimView& claim) {
  const auto holder = fmt::format("{}, fence {}", printable(claim.holder), claim.fence);
  const auto looks = claim.after_lapse ? ", who took it over and looks first whether the work was done" : "";
  switch (claim.state) {
    case ClaimView::State::Held:
      return fmt::format("held by {}, until {}{}", holder, time_text(claim.lease_until), looks);
    case ClaimView::State::Lapsed:
      return fmt::format("lapsed {}: {} did not finish{}; 'txn claim' takes it over",
                         time_text(claim.lease_until), holder, looks);
    case ClaimView::State::Released:
      break;
  }
  return fmt::format("given back by {}; anybody may claim it", holder);
}

std::string refund_report_text(const RefundReport& report) {
  const auto what = report.kind == RefundRecord::Kind::RunningTotal ? "refunded in all"
                                                                    : std::string(to_string(report.kind));
  std::string became;
  if (report.state == RefundRecord::State::GivenBack) became = ", given back";
  if (report.state == RefundRecord::State::Lost) became = ", lost";
  return fmt::format("{} {}{}  {}", amount_text(report.amount), what, became,
                     printable(report.refund.text()));
}

std::string fate_text(const CaptureFate& fate) {
  const auto at = time_text(fate.at);
  switch (fate.state) {
    case Fate::NotNamed:
      return fate.alike.empty() ? "none is named by the mark, and none of this amount is pending"
                                : "none is named by the mark; of this amount are pending:";
    case Fate::Pending:
      return fmt::format("pending until {}, id {}", at, printable(fate.id));
    case Fate::Settled:
      return fmt::format("settled {}, id {}", at, printable(fate.id));
    case Fate::Dropped:
      return fmt::format("dropped {}: a full ring made room for a later one, id {}", at, printable(fate.id));
    case Fate::Expired:
      return fmt::format("expired {}; nothing says that it was settled before, id {}", at,
                         printable(fate.id));
    case Fate::Gone:
      return fmt::format("gone before its time ({}), and nothing says why: another program removed it, id {}",
                         at, printable(fate.id));
    case Fate::Erased:
      break;
  }
  return fmt::format("erased {} with its user", at);
}

void add_money_rows(const PaymentStory& story, Rows& rows) {
  if (story.refunds.empty()) return;
  rows.push_back({"  refunded", story.seen ? fmt::format("{} of {}", amount_text(story.seen->refunded),
                                                         amount_text(story.seen->paid))
                                           : amount_text(story.reported_back)});
  for (const auto& report : story.refunds) {
    rows.push_back({"", fmt::format("{}  {}", time_text(report.reported_at), refund_report_text(report))});
  }
}

std::string story_text(const PaymentStory& story, const Style& style) {
  Rows rows{{"  seen", seen_text(story)}};
  if (story.wait) rows.push_back({"  waited", wait_text(*story.wait)});
  if (story.claim) rows.push_back({"  claim", claim_state_text(*story.claim)});
  if (story.seen && story.seen->record.result && (!story.capture || story.capture->id.empty())) {
    rows.push_back({"  result", printable(*story.seen->record.result)});
  }
  add_money_rows(story, rows);
  if (story.capture) {
    rows.push_back({"  capture", fate_text(*story.capture)});
    for (const auto& capture : story.capture->alike) rows.push_back({"", capture_text(capture)});
  }
  for (const auto& event : story.events) {
    rows.push_back({&event == &story.events.front() ? "  events" : "",
                    fmt::format("{}  {}  {}", time_text(event.timestamp), printable(event.event_type),
                                printable(event.summary))});
  }
  if (story.user_erased) rows.push_back({"  user", "was erased"});
  return style.bold(printable(story.transaction.text())) + '\n' + table_text(rows);
}

std::string claim_view_json(const ClaimView& claim) {
  JsonObject json;
  json.text("state", to_string(claim.state)).number("fence", claim.fence).text("holder", claim.holder);
  json.time("lease_until", claim.lease_until).boolean("after_lapse", claim.after_lapse);
  return json.str();
}

std::string wait_json(const PaymentWait& wait) {
  JsonObject json;
  json.text("state", to_string(wait.state)).time("since", wait.since).time("until", wait.until);
  json.number("amount_cents", wait.amount.minor_units);
  if (wait.amount.currency.known()) json.text("currency", wait.amount.currency.text());
  return json.str();
}

std::string report_json(const RefundReport& report) {
  JsonObject json;
  json.text("refund", report.refund.text()).text("kind", to_string(report.kind));
  json.text("state", to_string(report.state)).number("amount_cents", report.amount.minor_units);
  if (report.amount.currency.known()) json.text("currency", report.amount.currency.text());
  return json.time("begun_at", report.begun_at).time("reported_at", report.reported_at).str();
}

std::string fate_json(const CaptureFate& fate) {
  JsonObject json;
  json.text("state", to_string(fate.state)).text("id", fate.id).time("at", fate.at);
  json.raw("capture", fate.capture ? to_json(*fate.capture) : "null").raw("alike", json::array(fate.alike));
  return json.str();
}

std::string story_event_json(const ContextEvent& event) {
  JsonObject json;
  json.text("event_type", event.event_type).time("timestamp", event.timestamp).text("summary", event.summary);
  json.raw("amount", event.amount ? fmt::format("{}", *event.amount) : "null");
  return json.str();
}

std::string story_json(const PaymentStory& story) {
  JsonObject json;
  json.text("transaction", story.transaction.text());
  json.raw("seen", story.seen ? payment_json(*story.seen) : "null");
  json.raw("claim", story.claim ? claim_view_json(*story.claim) : "null");
  json.raw("wait", story.wait ? wait_json(*story.wait) : "null");
  json.raw("refunds", json::array(story.refunds, report_json))
      .number("reported_back_cents", story.reported_back.minor_units);
  json.raw("capture", story.capture ? fate_json(*story.capture) : "null")
      .raw("events", json::array(story.events, story_event_json));
  return json.boolean("user_erased", story.user_erased).str();
}

std::unexpected<Error> nothing_known(const std::vector<TransactionId>& looked_for) {
  std::string asked;
  for (const auto& name : looked_for) asked += (asked.empty() ? "" : ", ") + name.text();
  return fail(
      ErrorCode::NotFound,
      fmt::format(
          "nothing is known about {}. It was not recorded (nobody had linked its card, and nothing was "
          "to wait for that; or it never came), or was forgotten since; a refund is found under its payment",
          asked));
}

Result<CommandOutput> show_payment(Program& program, const Arguments& arguments) {
  TRY(const auto id, name<TransactionId>(arguments, "ID"));
  const auto asked = payment_names(id.text());
  TRY(auto call, program.begin(arguments));
  Questions questions(std::move(call.store));
  TRY(const auto stories, program.run(questions.payment(asked, call.options)));
  if (stories.empty()) return nothing_known(asked);
  CommandOutput answer;
  for (const auto& story : stories) {
    if (!answer.json.empty()) answer.json += '\n';
    answer.json += story_json(story);
    answer.text += story_text(story, program.style());
  }
  return answer;
}

}  // namespace

std::vector<Command> story_commands() {
  return {of_catalogue("txn show", show_payment)};
}

}  // namespace loopstate::cli
