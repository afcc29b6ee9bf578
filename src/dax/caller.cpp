#include "dax/caller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "async/backoff.hpp"
#include "async/sleep.hpp"
#include "table/service/certainty.hpp"

namespace loopstate::dax {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using table::service::Certainty;
using table::service::MaySend;
using table::service::Retry;
using table::service::TokenAge;

Caller::Caller(std::shared_ptr<Cluster> cluster, CallerSettings settings)
    : cluster_(std::move(cluster)), settings_(settings) {}

Task<Node::Outcome> Caller::attempt(const Request* request, MaySend may_send, std::vector<NodeAddress>* tried,
                                    Deadline deadline) {
  const Purpose purpose = is_write(request->method) ? Purpose::Write : Purpose::Read;
  Result<Cluster::Stop> stop = co_await cluster_->route(purpose, tried, deadline);
  if (!stop) {
    Node::Unfinished none;
    none.failure = unanswered(request->method, std::move(stop.error()), false);
    none.failure.again = Again::Never;  // everything that could be tried was
    co_return std::unexpected(std::move(none));
  }
  const Deadline limit = std::min(deadline, steady_clock::now() + settings_.attempt_timeout);
  requests_.fetch_add(1, std::memory_order_relaxed);
  Node::Outcome outcome = co_await stop->node->call(request, std::move(may_send), limit);
  if (outcome) {
    cluster_->heard(stop->address, Node::Word::Answered);
    co_return outcome;
  }
  tried->push_back(stop->address);
  Node::Unfinished& unfinished = outcome.error();
  unfinished.word = word_of(unfinished, limit);
  Failure& failure = unfinished.failure;
  // The attempt's own limit was reached, not the call's.
  if (failure.error.code == ErrorCode::DeadlineExceeded) {
    if (steady_clock::now() < deadline) {
      failure.error.code = ErrorCode::ConnectionFailed;
      failure.error.message = fmt::format("{}: a node did not answer within {} ms",
                                          to_string(request->method), settings_.attempt_timeout.count());
    } else {
      unfinished.word = Node::Word::None;
    }
  }
  cluster_->heard(stop->address, unfinished.word);
  if (unfinished.word != Node::Word::None && failure.again == Again::Transient) cluster_->doubt();
  co_return outcome;
}

Task<std::expected<void, Failure>> Caller::call(const Request* request, Deadline deadline,
                                                std::optional<Instant> maybe_done_since) {
  // The connections are the parent's: if two processes use one, either may get the other's reply.
  if (auto ok = fork_guard_.check(); !ok) {
    Failure failure;
    failure.error = std::move(ok.error());
    co_return std::unexpected(std::move(failure));
  }
  if (deadline <= steady_clock::now()) {
    Error late{ErrorCode::DeadlineExceeded, "the deadline had passed before the call", true, nullptr};
    co_return std::unexpected(unanswered(request->method, std::move(late), false));
  }
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  Retry retry(settings_.retry, budget_);
  // A control call is like a read: it changes nothing.
  const auto operation = operation_of(request->method).value_or(table::service::Operation::GetItem);
  Certainty certainty(operation);
  TokenAge token(operation, settings_.token, maybe_done_since);
  std::vector<NodeAddress> tried;
  std::expected<void, Failure> out = std::unexpected(Failure());
  bool lost = false;  // a sending before this one was not answered, or not so that one could tell
  while (true) {
    MaySend may_send = token.sending();
    if (may_send && !may_send()) {
      out.error().error = token.expired(out.error().error);
      break;
    }
    Node::Outcome outcome = co_await attempt(request, std::move(may_send), &tried, deadline);
    if (outcome) {
      out = {};
      retry.answered();
      break;
    }
    out = std::unexpected(std::move(outcome.error().failure));
    Failure& failure = out.error();
    certainty.add(failure);
    if (certainty.maybe_done()) token.maybe_done();
    lost = lost || failure.maybe_done || failure.sent_before;
    if (failure.refused) {
      retry.answered();
      break;
    }
    const Retry::Decision decision =
        steady_clock::now() < deadline ? retry.failed(failure.again, failure.retry_after, cluster_->random())
                                       : Retry::Decision();
    if (!decision.again) break;
    if (decision.refresh_credentials) cluster_->refuse_credentials();
    if (decision.delay.count() == 0) continue;
    if (steady_clock::now() + decision.delay >= deadline) break;
    const bool slept = co_await async::sleep_for(decision.delay);
    if (!slept) {
      failure.error = Error{ErrorCode::Cancelled, "the call was cancelled", false, nullptr};
      break;
    }
  }
  if (!out) {
    certainty.conclude(out.error());
    // The service itself recognises a transaction by its token; whether it gets that from a cluster, in the
    // same words each time, nobody has promised.
    if (out.error().refused && lost) out.error().maybe_done = true;
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return out;
}

Task<Result<void>> Caller::pause(std::uint32_t number, Deadline deadline) {
  const async::Backoff backoff{settings_.retry.transient_base, settings_.retry.delay_max};
  const milliseconds delay = backoff.wait(number, cluster_->random());
  if (steady_clock::now() + delay >= deadline) {
    co_return fail(ErrorCode::DeadlineExceeded, "the deadline passed while waiting to try again", true);
  }
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool slept = co_await async::sleep_for(delay);
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (!slept) co_return fail(ErrorCode::Cancelled, "the call was cancelled");
  co_return Result<void>();
}

}  // namespace loopstate::dax
