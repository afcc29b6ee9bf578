#include "store/request.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>

#include "store/attributes.hpp"
#include "store/keys.hpp"
#include "store/write_id.hpp"

namespace loopstate::store {
namespace {

// Never seen: `once` answers in its place.
std::unexpected<Error> settled_before() {
  return fail(ErrorCode::Internal, "another call under this request id was first");
}

}  // namespace

void name_write(WriteCall& call, std::string hash) {
  call.request = std::make_shared<Request>();
  call.request->id = std::exchange(call.write_id, new_write_id(call.call.now));
  call.request->hash = std::move(hash);
  call.repeated = false;
}

table::Put put_request(const WriteCall& call, std::string_view user, std::string answer) {
  table::Item row;
  row.key = request_key(call.request->id);
  auto& attributes = row.attributes;
  attributes.set(std::string(attribute::kHash), call.request->hash);
  attributes.set(std::string(attribute::kAnswer), std::move(answer));
  if (!user.empty()) attributes.set(std::string(attribute::kUserPubkey), std::string(user));
  attributes.set(std::string(attribute::kTtl), table::Value::number(call.call.now + kRequestLifetime));
  return table::Put{std::move(row), table::Condition::item_absent()};
}

Task<Result<table::TransactOutcome>> transact_once(CorePtr core, std::vector<table::Operation> operations,
                                                   WriteCall call, std::string user, std::string answer) {
  if (!call.request) {
    co_return co_await core->table->transact(std::move(operations), new_token(), call.call);
  }
  operations.emplace_back(put_request(call, user, std::move(answer)));
  auto outcome = co_await core->table->transact(std::move(operations), new_token(), call.call);
  if (!outcome) co_return outcome;
  if (outcome->applied) {
    call.request->done = true;
    co_return outcome;
  }
  auto own = std::move(outcome->refusals.back());
  outcome->refusals.pop_back();
  if (own.item) {
    call.request->standing = std::move(own.item);
    co_return settled_before();
  }
  co_return outcome;
}

Task<Result<table::WriteOutcome>> write_once(CorePtr core, table::Operation operation, WriteCall call,
                                             std::string user, std::string answer) {
  if (!call.request) {
    if (auto* put = std::get_if<table::Put>(&operation)) {
      co_return co_await core->table->put(std::move(*put), call.call);
    }
    if (auto* erase = std::get_if<table::Erase>(&operation)) {
      co_return co_await core->table->erase(std::move(*erase), call.call);
    }
    co_return co_await core->table->update(std::get<table::UpdateItem>(std::move(operation)), call.call);
  }
  std::vector<table::Operation> operations;
  operations.push_back(std::move(operation));
  auto outcome = co_await transact_once(std::move(core), std::move(operations), call, std::move(user),
                                        std::move(answer));
  if (!outcome) co_return std::unexpected(std::move(outcome.error()));
  table::WriteOutcome one;
  one.applied = outcome->applied;
  if (!one.applied) one.item = std::move(outcome->refusals.front().item);
  co_return one;
}

bool is_refusal(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::NotFound:
    case ErrorCode::AlreadyExists:
    case ErrorCode::InvalidArgument:
    case ErrorCode::ItemTooLarge:
    case ErrorCode::CorruptItem:
    case ErrorCode::VersionConflict:
    case ErrorCode::CardLinkedElsewhere:
    case ErrorCode::SessionExpired:
    case ErrorCode::ScopeDenied:
    case ErrorCode::NoActionsLeft:
    case ErrorCode::Superseded:
    case ErrorCode::Erased:
      return true;
    default:
      return false;
  }
}

Task<Result<void>> look_up_request(CorePtr core, WriteCall call) {
  auto key = request_key(call.request->id);
  auto row = co_await core->table->get(std::move(key), call.call);
  if (!row) co_return std::unexpected(std::move(row.error()));
  call.request->standing = std::move(*row);
  co_return Result<void>{};
}

Result<RequestRow> request_from_row(const table::Item& row) {
  auto hash = need_string(row, attribute::kHash);
  if (!hash) return std::unexpected(std::move(hash.error()));
  auto answer = need_string(row, attribute::kAnswer);
  if (!answer) return std::unexpected(std::move(answer.error()));
  return RequestRow{std::move(*hash), std::move(*answer)};
}

Result<std::string> answer_text(const Request& request) {
  auto row = request_from_row(*request.standing);
  if (!row) return std::unexpected(std::move(row.error()));
  if (row->hash != request.hash) {
    return fail(
        ErrorCode::RequestIdReused,
        fmt::format("request id {} names another write: its call or its arguments were others", request.id));
  }
  return std::move(row->answer);
}

std::unexpected<Error> unreadable_answer(const Request& request, const Error& why) {
  return corrupt(request_key(request.id), why.message);
}

}  // namespace loopstate::store
