#include "store/spine/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"
#include "store/rows/write_id.hpp"

namespace loopstate::store {
namespace {

constexpr std::size_t kMaxPartBytes = 396u << 10;

// Never seen: `once` answers in its place.
std::unexpected<Error> settled_before() {
  return fail(ErrorCode::Internal, "another call under this request id was first");
}

// As much as fits into an item beside the rest of it. UTF-8 stays whole in each part.
std::vector<std::string_view> in_parts(std::string_view answer) {
  std::vector<std::string_view> parts;
  while (answer.size() > kMaxPartBytes) {
    auto end = kMaxPartBytes;
    while ((static_cast<unsigned char>(answer[end]) & 0xc0) == 0x80) --end;
    parts.push_back(answer.substr(0, end));
    answer.remove_prefix(end);
  }
  parts.push_back(answer);
  return parts;
}

}  // namespace

void name_write(WriteCall& write, std::string id, std::string_view call, std::string hash) {
  write.request = std::make_shared<Request>();
  write.request->id = std::move(id);
  write.request->call = std::string(call);
  write.request->hash = std::move(hash);
}

std::vector<table::Put> put_request(const WriteCall& call, std::string_view user, std::string answer) {
  const auto parts = in_parts(answer);
  std::vector<table::Put> puts;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    table::Item row;
    row.key = request_key(call.request->id, part);
    auto& attributes = row.attributes;
    attributes.set(std::string(attribute::kAnswer), std::string(parts[part]));
    if (!user.empty()) attributes.set(std::string(attribute::kUserPubkey), std::string(user));
    attributes.set(std::string(attribute::kTtl), table::Value::time(call.call.now + kRequestLifetime));
    puts.push_back(table::Put{std::move(row), table::Condition()});
  }
  auto& first = puts.front();
  first.condition = table::Condition::item_absent();
  first.item.attributes.set(std::string(attribute::kCall), call.request->call);
  first.item.attributes.set(std::string(attribute::kHash), call.request->hash);
  if (parts.size() > 1) {
    first.item.attributes.set(std::string(attribute::kParts), table::Value::number(parts.size() - 1));
  }
  return puts;
}

Task<Result<table::TransactOutcome>> transact_once(CorePtr core, std::vector<table::Operation> operations,
                                                   WriteCall call, std::string user, std::string answer) {
  if (!call.request) {
    co_return co_await core->table->transact(std::move(operations), new_token(), call.call);
  }
  const auto asked = operations.size();
  for (auto& put : put_request(call, user, std::move(answer))) operations.emplace_back(std::move(put));
  auto outcome = co_await core->table->transact(std::move(operations), new_token(), call.call);
  if (!outcome) co_return outcome;
  if (outcome->applied) {
    call.request->done = true;
    co_return outcome;
  }
  auto own = std::move(outcome->refusals[asked]);
  outcome->refusals.resize(asked);
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
  CO_TRY(auto outcome, co_await transact_once(std::move(core), std::move(operations), call, std::move(user),
                                              std::move(answer)));
  table::WriteOutcome one;
  one.applied = outcome.applied;
  if (!one.applied) one.item = std::move(outcome.refusals.front().item);
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
  CO_TRY(auto row, co_await core->table->get(std::move(key), call.call));
  call.request->standing = std::move(row);
  co_return Result<void>{};
}

Task<Result<void>> refuse_repetition(CorePtr core, WriteCall call) {
  if (!call.request) co_return Result<void>{};
  CO_TRY_OK(co_await look_up_request(std::move(core), call));
  if (call.request->standing) co_return settled_before();
  co_return Result<void>{};
}

Task<Result<void>> gather_answer(CorePtr core, WriteCall call) {
  auto& standing = *call.request->standing;
  const auto* answer = standing.string(attribute::kAnswer);
  const auto parts = standing.uint64(attribute::kParts).value_or(0);
  if (answer == nullptr || parts == 0) co_return Result<void>{};
  std::vector<table::Key> keys;
  for (std::size_t part = 1; part <= std::min<std::uint64_t>(parts, table::kMaxBatchGetKeys); ++part) {
    keys.push_back(request_key(call.request->id, part));
  }
  CO_TRY(auto rows, co_await read_rows(core, std::move(keys), call.call));
  auto whole = *answer;
  for (const auto& row : rows) {
    const auto* more = row ? row->string(attribute::kAnswer) : nullptr;
    if (more == nullptr) co_return corrupt(standing.key, "a part of its answer is missing");
    whole += *more;
  }
  standing.attributes.set(std::string(attribute::kAnswer), std::move(whole));
  co_return Result<void>{};
}

Result<RequestRow> request_from_row(const table::Item& row) {
  RequestRow request;
  if (const auto* call = row.string(attribute::kCall)) request.call = *call;
  TRY(request.hash, need_string(row, attribute::kHash));
  TRY(request.answer, need_string(row, attribute::kAnswer));
  if (row.find(attribute::kParts) != nullptr) {
    TRY(request.parts, need_uint64(row, attribute::kParts));
  }
  return request;
}

Result<std::string> answer_text(const Request& request) {
  TRY(auto row, request_from_row(*request.standing));
  if (row.hash != request.hash) {
    return fail(ErrorCode::RequestIdReused,
                fmt::format("request id {} names another write: its call or its arguments were different",
                            request.id));
  }
  return std::move(row.answer);
}

std::unexpected<Error> unreadable_answer(const Request& request, const Error& why) {
  return corrupt(request_key(request.id), why.message);
}

}  // namespace loopstate::store
