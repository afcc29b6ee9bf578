#include "open/dynamodb/fallback_table.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <utility>

#include "base/instant.hpp"
#include "table/service_time.hpp"

namespace loopstate::engines {

namespace asio = boost::asio;
using std::chrono::steady_clock;
using table::Call;
using table::Table;
using Verdict = Fallback::Verdict;

namespace {

/// The end of a write that the cluster may have done, and of which the table itself did not say that it was
/// done.
Error outcome_unknown(std::string_view what, std::string_view why) {
  return Error{ErrorCode::OutcomeUnknown,
               fmt::format("{} may or may not have been done through the DAX cluster: {}", what, why), true,
               nullptr};
}

}  // namespace

void FallbackTable::note(const Error* error) {
  if (error == nullptr && !fallback_.is_away()) return;
  const Deadline now = steady_clock::now();
  switch (error == nullptr ? fallback_.answered(now) : fallback_.fell_back(now)) {
    case Fallback::News::None:
      return;
    case Fallback::News::Away:
      log_.warn("the DAX cluster is down: calls go to DynamoDB itself until it is back",
                log::Fields().add("error", error->code).add("reason", error->message));
      return;
    case Fallback::News::Back:
      log_.info("the DAX cluster is back");
      return;
  }
}

Task<bool> FallbackTable::was_the_clock(Call call) {
  const Fallback::Suspect suspect = fallback_.suspect(steady_clock::now());
  if (suspect != Fallback::Suspect::Ask) co_return suspect == Fallback::Suspect::CorrectedClock;
  const std::chrono::seconds before = service_->clock_offset();
  const table::ServiceTime time({service_});
  co_await time.learn(call.deadline);
  if (service_->clock_offset() == before) co_return false;
  fallback_.corrected_clock(steady_clock::now());
  co_return true;
}

template <typename Answer>
Task<FallbackTable::Tried<Answer>> FallbackTable::try_cluster(const Ask<Answer>* ask, Call call) {
  Call within = call;
  within.deadline = Fallback::limit(steady_clock::now(), call.deadline);
  Tried<Answer> out;
  out.answer = co_await (*ask)(*cluster_, within);
  if (!out.answer) {
    // Whoever cancels a call wants nothing more of it.
    const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return out;
    const ErrorCode code = out.answer.error().code;
    out.verdict = Fallback::judge(out.answer.error(), steady_clock::now() < call.deadline);
    if (out.verdict != Verdict::Stays) {
      note(&out.answer.error());
    } else if (code == ErrorCode::AccessDenied) {
      const bool clock = co_await was_the_clock(call);
      if (clock) out.verdict = Verdict::NotDone;
    }
  } else {
    note(nullptr);
  }
  co_return out;
}

template <typename Answer>
Task<Result<Answer>> FallbackTable::read(Ask<Answer> ask, Call call) {
  Tried<Answer> tried = co_await try_cluster<Answer>(&ask, call);
  if (tried.verdict == Verdict::Stays) co_return std::move(tried.answer);
  co_return co_await ask(*service_, call);
}

Task<Result<table::WriteOutcome>> FallbackTable::write(std::string_view what, Ask<table::WriteOutcome> ask,
                                                       Call call) {
  Tried<table::WriteOutcome> tried = co_await try_cluster<table::WriteOutcome>(&ask, call);
  if (tried.verdict == Verdict::Stays) co_return std::move(tried.answer);
  Result<table::WriteOutcome> done = co_await ask(*service_, call);
  if (tried.verdict == Verdict::NotDone) co_return done;
  if (!done) co_return std::unexpected(outcome_unknown(what, done.error().message));
  if (!done->applied) done->may_have_been_applied = true;
  co_return done;
}

Task<Result<std::optional<table::Item>>> FallbackTable::get(table::Key key, Call call) {
  auto ask = [key = std::move(key)](Table& on, Call within) { return on.get(key, within); };
  return read<std::optional<table::Item>>(std::move(ask), call);
}

Task<Result<std::vector<Result<std::optional<table::Item>>>>> FallbackTable::batch_get(
    std::vector<table::Key> keys, Call call) {
  auto ask = [keys = std::move(keys)](Table& on, Call within) { return on.batch_get(keys, within); };
  return read<std::vector<Result<std::optional<table::Item>>>>(std::move(ask), call);
}

Task<Result<table::Page>> FallbackTable::query(table::Query query, Call call) {
  auto ask = [query = std::move(query)](Table& on, Call within) { return on.query(query, within); };
  return read<table::Page>(std::move(ask), call);
}

Task<Result<table::WriteOutcome>> FallbackTable::put(table::Put put, Call call) {
  auto ask = [put = std::move(put)](Table& on, Call within) { return on.put(put, within); };
  return write("the put", std::move(ask), call);
}

Task<Result<table::WriteOutcome>> FallbackTable::update(table::UpdateItem update, Call call) {
  auto ask = [update = std::move(update)](Table& on, Call within) { return on.update(update, within); };
  return write("the update", std::move(ask), call);
}

Task<Result<table::WriteOutcome>> FallbackTable::erase(table::Erase erase, Call call) {
  auto ask = [erase = std::move(erase)](Table& on, Call within) { return on.erase(erase, within); };
  return write("the removal", std::move(ask), call);
}

Task<Result<void>> FallbackTable::batch_put(std::vector<table::Item> items, Call call) {
  const Ask<void> ask = [items = std::move(items)](Table& on, Call within) {
    return on.batch_put(items, within);
  };
  Tried<void> tried = co_await try_cluster<void>(&ask, call);
  if (tried.verdict == Verdict::Stays) co_return std::move(tried.answer);
  Result<void> done = co_await ask(*service_, call);
  if (done || tried.verdict == Verdict::NotDone) co_return done;
  co_return std::unexpected(outcome_unknown("the batch", done.error().message));
}

Task<Result<table::TransactOutcome>> FallbackTable::transact(std::vector<table::Operation> operations,
                                                             std::string token, Call call) {
  const Ask<table::TransactOutcome> ask = [operations = std::move(operations), token = std::move(token)](
                                              Table& on, Call within) {
    return on.transact(operations, token, within);
  };
  const Instant began = Instant::now();
  Tried<table::TransactOutcome> tried = co_await try_cluster<table::TransactOutcome>(&ask, call);
  if (tried.verdict == Verdict::Stays) co_return std::move(tried.answer);
  if (tried.verdict == Verdict::Unknown && !call.maybe_done_since) call.maybe_done_since = began;
  Result<table::TransactOutcome> done = co_await ask(*service_, call);
  if (tried.verdict == Verdict::NotDone || (done && done->applied)) co_return done;
  // The cluster words the request in its own way, so the service need not recognise the two as one; and it
  // may still be on its way.
  co_return std::unexpected(outcome_unknown(
      "the transaction", done ? std::string("DynamoDB refused its repetition") : done.error().message));
}

Task<Result<table::Page>> FallbackTable::scan(table::Scan scan, Call call) {
  return service_->scan(std::move(scan), call);
}

Task<Result<table::InitOutcome>> FallbackTable::initialise(Call call) {
  return service_->initialise(call);
}

Task<std::vector<table::Finding>> FallbackTable::diagnose(Call call) {
  std::vector<table::Finding> out = co_await service_->diagnose(call);
  std::vector<table::Finding> more = co_await cluster_->diagnose(call);
  for (table::Finding& finding : more) out.push_back(std::move(finding));
  co_return out;
}

Task<Result<void>> FallbackTable::warm_up(Deadline deadline) {
  Result<void> warm = co_await cluster_->warm_up(Fallback::limit(steady_clock::now(), deadline));
  if (warm) co_return warm;
  if (Fallback::judge(warm.error(), steady_clock::now() < deadline) == Verdict::Stays) co_return warm;
  note(&warm.error());
  co_return co_await service_->warm_up(deadline);
}

}  // namespace loopstate::engines
