// pepper.read, write, move_card; backup.back_up.
#include <fmt/format.h>

#include <array>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "c/call.hpp"
#include "c/replies.hpp"
#include "loopstate/backup.hpp"
#include "loopstate/pepper.hpp"
#include "store/rules/wait.hpp"

namespace loopstate::c {
namespace {

PepperRecord pepper_of(Params given) {
  PepperRecord record;
  record.salt = given.text("salt");
  record.current = given.text("current");
  record.previous = given.optional_text("previous").value_or("");
  record.since = given.required_time("since");
  given.check_members();
  return record;
}

Result<Reply> read(OpenStore& open, Input& in) {
  auto options = in.read_call();
  TRY_OK(in.check());
  TRY(const auto record, store::wait_for(read_pepper(open.store.store(), std::move(options))));
  if (!record) return Reply{};
  json::Writer json;
  json.begin_object().key("salt").string(record->salt).key("current").string(record->current);
  json.key("previous").string(record->previous);
  json.key("since").number(unix_seconds(record->since)).end_object();
  return Reply{std::move(json).take()};
}

Result<Reply> write(OpenStore& open, Input& in) {
  std::optional<PepperRecord> before;
  if (auto given = in.optional_object("before")) before = pepper_of(*std::move(given));
  auto next = pepper_of(in.object("next"));
  auto options = in.read_call();
  TRY_OK(in.check());
  TRY(const auto written, store::wait_for(write_pepper(open.store.store(), std::move(before), std::move(next),
                                                       std::move(options))));
  return Reply{json_text(written)};
}

Result<Reply> move(OpenStore& open, Input& in) {
  auto from = in.name<Fingerprint>("from");
  auto to = in.name<Fingerprint>("to");
  auto options = in.write_call();
  TRY_OK(in.check());
  TRY(const auto card, store::wait_for(loopstate::move_card(open.store.store(), std::move(from),
                                                            std::move(to), std::move(options))));
  return Reply{linked_json(card)};
}

Reply report_reply(const BackupReport& report) {
  return Reply{fmt::format(R"({{"items":{},"bytes":{}}})", report.items, report.bytes)};
}

Result<Reply> back_up_store(OpenStore& open, Input& in) {
  const auto file = in.text("file");
  TRY_OK(in.check());
  TRY(const auto report, back_up(open.settings, file));
  return report_reply(report);
}

}  // namespace

std::span<const Call> pepper_calls() {
  static constexpr std::array kCalls{Call{"pepper.read", read}, Call{"pepper.write", write},
                                     Call{"pepper.move_card", move}, Call{"backup.back_up", back_up_store}};
  return kCalls;
}

}  // namespace loopstate::c
