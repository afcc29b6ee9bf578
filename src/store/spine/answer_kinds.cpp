// The kind of answer of each call, so that an answer can be checked without having made the call.
#include <algorithm>
#include <array>

#include "store/spine/answers.hpp"

namespace loopstate::store {
namespace {

template <typename T>
Result<void> check_as(std::string_view text) {
  auto answer = decode_answer<T>(text);
  if (!answer) return std::unexpected(std::move(answer.error()));
  return {};
}

struct AnswerKind {
  std::string_view call;
  Result<void> (*check)(std::string_view text);
};

constexpr std::array kKinds = {
    AnswerKind{"add_capture", check_as<AddedCapture>},
    AnswerKind{"append_documents", check_as<AppendedDocuments>},
    AnswerKind{"authorize", check_as<Authorization>},
    AnswerKind{"claim", check_as<ClaimOutcome>},
    AnswerKind{"clear_location", check_as<bool>},
    AnswerKind{"complete", check_as<ProcessedTransaction>},
    AnswerKind{"drop_collection", check_as<bool>},
    AnswerKind{"erase_user", check_as<KeptErasure>},
    AnswerKind{"extend", check_as<Claim>},
    AnswerKind{"forget", check_as<Context>},
    AnswerKind{"get_or_init", check_as<Context>},
    AnswerKind{"link", check_as<LinkedCard>},
    AnswerKind{"mark_processed", check_as<MarkOutcome>},
    AnswerKind{"move_card", check_as<LinkedCard>},
    AnswerKind{"patch", check_as<Context>},
    AnswerKind{"push", check_as<Context>},
    AnswerKind{"push_event", check_as<Context>},
    AnswerKind{"put_document", check_as<StoredDocument>},
    AnswerKind{"record_capture", check_as<RecordOutcome>},
    AnswerKind{"record_refund", check_as<RefundOutcome>},
    AnswerKind{"release", check_as<void>},
    AnswerKind{"remember", check_as<Context>},
    AnswerKind{"remove_document", check_as<bool>},
    AnswerKind{"revoke_session", check_as<bool>},
    AnswerKind{"set_location", check_as<bool>},
    AnswerKind{"settle_capture", check_as<Capture>},
    AnswerKind{"store_session", check_as<Session>},
    AnswerKind{"unlink", check_as<Card>},
    AnswerKind{"unset", check_as<Context>},
    AnswerKind{"update", check_as<Context>},
};

}  // namespace

Result<void> check_answer(std::string_view call, std::string_view text) {
  const auto kind = std::ranges::find(kKinds, call, &AnswerKind::call);
  if (kind != kKinds.end()) return kind->check(text);
  auto json = JsonText::parse(text);
  if (!json) return fail(ErrorCode::CorruptItem, std::move(json.error().message));
  return {};
}

}  // namespace loopstate::store
