#include "dax/visit.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "dax/requests.hpp"

namespace loopstate::dax {

using async::SingleFlight;
using table::service::MaySend;
using Word = Node::Word;

namespace {

/// A reply is read, and read again once the lists it named were asked for. If they were forgotten in between,
/// once more; a node that names different ones each time is faulty.
constexpr int kReadingsMax = 3;

std::unexpected<Node::Unfinished> unfinished(Failure failure, Word word) {
  return std::unexpected(Node::Unfinished{std::move(failure), word});
}

/// Nothing of it was sent. `word` as the error says.
std::unexpected<Node::Unfinished> not_sent(Method method, Error error) {
  const bool unreachable = error.code == ErrorCode::ConnectionFailed || error.code == ErrorCode::TlsFailed ||
                           error.code == ErrorCode::NameResolutionFailed;
  return unfinished(unanswered(method, std::move(error), false),
                    unreachable ? Word::Unreachable : Word::None);
}

/// Names never hold a NUL next to another: a list has one key.
std::string flight_of(const AttributeNames& names) {
  std::string key;
  for (const std::string& name : names) key.append(name).push_back('\0');
  return key;
}

/// Its reply cannot be read: as good as none. What a cluster answers and we do not know must not keep anybody
/// from its items, so that the call is made again, and by the table itself if it comes to that.
Failure unclear(Method method, Error error) {
  Failure failure = unanswered(method, std::move(error), is_write(method));
  failure.error.retryable = true;
  return failure;
}

std::optional<Error> not_flown(SingleFlight::Part part) {
  if (part == SingleFlight::Part::Late) {
    return Error{ErrorCode::DeadlineExceeded, "the deadline passed while a list of names was being asked for",
                 true, nullptr};
  }
  if (part == SingleFlight::Part::Cancelled) {
    return Error{ErrorCode::Cancelled, "the call was cancelled", false, nullptr};
  }
  return std::nullopt;
}

}  // namespace

void Visit::leave() {
  if (usable_) lease_->keep();
}

Task<Result<void>> Visit::arrive(bool fresh) {
  lease_.reset();
  usable_ = lost_ = false;
  CO_TRY(auto lease, co_await node_->pools().take(deadline_, fresh));
  lease_.emplace(std::move(lease));
  proven_ = !connection().used();
  if (!proven_ && connection().is_dead()) {
    // It ended, or carries what nobody asked for, which would be taken for the next reply.
    node_->lists().forget();
    lease_.reset();
    CO_TRY(auto other, co_await node_->pools().take(deadline_, true));
    lease_.emplace(std::move(other));
    proven_ = true;
  }
  // With no connection to it left, the node may have been restarted without anybody noticing.
  if (proven_ && node_->is_only_connection()) node_->lists().forget();
  co_return Result<void>();
}

Task<Visit::Told<std::string_view>> Visit::exchange(Method method, const std::string* bytes,
                                                    const MaySend* may_send) {
  const NodeSettings& settings = node_->settings();
  usable_ = lapsed_ = false;
  Result<aws::CredentialsPtr> credentials = co_await settings.credentials->get(deadline_);
  if (!credentials) co_return not_sent(method, std::move(credentials.error()));
  if (may_send != nullptr && *may_send && !(*may_send)()) {
    Error late{ErrorCode::ConnectionFailed, "by now it was too late to send it", true, nullptr};
    co_return unfinished(unanswered(method, std::move(late), false), Word::None);
  }
  const Clock& clock = settings.clock ? *settings.clock : loopstate::system_clock();
  std::string message =
      connection().preamble(node_->session(), *credentials, *settings.authorizer, Instant::now(), clock);
  authorized_now_ = !message.empty();
  if (authorized_now_) message += *bytes;
  NodeConnection::Exchange done = co_await connection().exchange(authorized_now_ ? &message : bytes, method);
  if (done.reply) {
    usable_ = done.usable;
    proven_ = true;
    co_return *done.reply;
  }
  Error error = std::move(done.reply.error());
  if (error.code == ErrorCode::Cancelled) {
    co_return unfinished(unanswered(method, std::move(error), done.sent), Word::None);
  }
  if (lease_->expired()) {
    error = Error{ErrorCode::DeadlineExceeded, "the deadline passed before the reply came", true, nullptr};
    co_return unfinished(unanswered(method, std::move(error), done.sent), Word::Silent);
  }
  node_->lists().forget();
  lost_ = !proven_ && !done.reply_started;
  co_return unfinished(unanswered(method, std::move(error), done.sent), Word::Broken);
}

std::unexpected<Visit::Unfinished> Visit::refused(Failure failure) {
  if (failure.again == Again::Credentials) {
    connection().unauthorize();
    lapsed_ = usable_ && !authorized_now_;
  }
  if (failure.error.code == ErrorCode::ProtocolError) return broken(std::move(failure));
  return unfinished(std::move(failure), Word::Answered);
}

std::unexpected<Visit::Unfinished> Visit::broken(Failure failure) {
  usable_ = false;
  return unfinished(std::move(failure), Word::Broken);
}

template <typename Answer>
Task<Visit::Told<Answer>> Visit::ask(Method method, std::string bytes, Read<Answer> reader) {
  static const std::vector<table::Key> no_keys;
  while (true) {
    Told<std::string_view> reply = co_await exchange(method, &bytes);
    if (!reply) {
      reply.error().failure.maybe_done = false;  // it changes nothing
      co_return std::unexpected(std::move(reply.error()));
    }
    ReplyNames names(node_->lists());
    std::expected<std::string_view, Failure> values = understand(method, *reply, no_keys, names);
    if (!values) {
      values.error().maybe_done = false;
      std::unexpected<Unfinished> refusal = refused(std::move(values.error()));
      if (lapsed_) continue;
      co_return refusal;
    }
    Result<Answer> answer = reader(*values);
    if (!answer) co_return broken(unanswered(method, std::move(answer.error()), false));
    co_return std::move(*answer);
  }
}

template <typename Answer>
Task<Visit::Told<Answer>> Visit::control(Method method, std::string bytes, Read<Answer> reader) {
  for (bool fresh = false;; fresh = true) {
    Result<void> arrived = co_await arrive(fresh);
    if (!arrived) co_return not_sent(method, std::move(arrived.error()));
    Told<Answer> answer = co_await ask<Answer>(method, bytes, reader);
    if (!answer && lost_ && !fresh) continue;
    leave();
    co_return answer;
  }
}

Task<Node::Outcome> Visit::number_list(const table::Attributes* attributes, ListId* id) {
  while (true) {
    const std::optional<ListId> known = node_->lists().id_of(*attributes);
    if (known) {
      *id = *known;
      co_return Node::Outcome();
    }
    AttributeNames names = names_of(*attributes);
    SingleFlight::Joined joined = co_await node_->flights()->join(flight_of(names), deadline_);
    if (std::optional<Error> error = not_flown(joined.part)) {
      co_return not_sent(Method::DefineAttributeListId, std::move(*error));
    }
    if (joined.part != SingleFlight::Part::Fly || node_->lists().id_of(*attributes)) continue;
    std::string bytes = list_id_call(names);
    Told<ListId> told = co_await ask<ListId>(Method::DefineAttributeListId, std::move(bytes), &read_list_id);
    if (!told) co_return std::unexpected(std::move(told.error()));
    node_->lists().learn(*told, std::move(names));
    *id = *told;
    co_return Node::Outcome();
  }
}

Task<Node::Outcome> Visit::learn_names(ListId id) {
  while (node_->lists().names_of(id) == nullptr) {
    std::string key = fmt::format("#{}", static_cast<std::uint64_t>(id));
    SingleFlight::Joined joined = co_await node_->flights()->join(std::move(key), deadline_);
    if (std::optional<Error> error = not_flown(joined.part)) {
      co_return not_sent(Method::DefineAttributeList, std::move(*error));
    }
    if (joined.part != SingleFlight::Part::Fly || node_->lists().names_of(id) != nullptr) continue;
    std::string bytes = list_names_call(id);
    Told<AttributeNames> told =
        co_await ask<AttributeNames>(Method::DefineAttributeList, std::move(bytes), &read_list_names);
    if (!told) co_return std::unexpected(std::move(told.error()));
    node_->lists().learn(id, std::move(*told));
  }
  co_return Node::Outcome();
}

Task<Node::Outcome> Visit::read(const Request* request, std::string_view reply) {
  std::string kept;
  for (int reading = 1;; ++reading) {
    ReplyNames names(node_->lists());
    std::expected<std::string_view, Failure> values =
        understand(request->method, reply, request->keys, names);
    Result<void> taken;
    if (values) taken = request->read(*values, names);
    if (names.missing().empty()) {
      if (!values) co_return refused(std::move(values.error()));
      if (!taken) co_return broken(unclear(request->method, std::move(taken.error())));
      co_return Node::Outcome();
    }
    if (reading == kReadingsMax) {
      Error error{ErrorCode::ProtocolError, "the node names attribute lists that it does not know", true,
                  nullptr};
      co_return broken(unclear(request->method, std::move(error)));
    }
    if (kept.empty()) {
      kept = reply;  // the connection reuses its buffer
      reply = kept;
    }
    for (const ListId id : names.missing()) {
      Node::Outcome learned = co_await learn_names(id);
      if (learned) continue;
      // It was made, and a repetition will learn what came of it.
      learned.error().failure.maybe_done = is_write(request->method);
      co_return learned;
    }
  }
}

Task<Node::Outcome> Visit::call_once(const Request* request, bool fresh) {
  Result<void> arrived = co_await arrive(fresh);
  if (!arrived) co_return not_sent(request->method, std::move(arrived.error()));
  std::vector<ListId> lists(request->items.size(), kEmptyList);
  for (std::size_t at = 0; at < lists.size(); ++at) {
    Node::Outcome numbered = co_await number_list(request->items[at], &lists[at]);
    if (!numbered) co_return numbered;
  }
  Result<std::string> bytes = request->bytes(lists);
  if (!bytes) {
    Failure failure;
    failure.error = std::move(bytes.error());
    co_return unfinished(std::move(failure), Word::None);
  }
  Node::Outcome outcome = co_await make(request, &*bytes);
  if (!outcome && lapsed_) outcome = co_await make(request, &*bytes);
  co_return outcome;
}

Task<Node::Outcome> Visit::make(const Request* request, const std::string* bytes) {
  Told<std::string_view> reply = co_await exchange(request->method, bytes, &may_send_);
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  co_return co_await read(request, *reply);
}

Task<Node::Outcome> Visit::call(const Request* request) {
  bool sent_before = false;
  for (bool fresh = false;; fresh = true) {
    Node::Outcome outcome = co_await call_once(request, fresh);
    if (outcome) {
      leave();
      co_return outcome;
    }
    Failure& failure = outcome.error().failure;
    failure.sent_before = sent_before;
    if (!lost_ || fresh) {
      leave();
      co_return outcome;
    }
    sent_before = failure.maybe_done;
  }
}

template Task<Visit::Told<std::vector<Endpoint>>> Visit::control(Method method, std::string bytes,
                                                                 Read<std::vector<Endpoint>> read);

}  // namespace loopstate::dax
