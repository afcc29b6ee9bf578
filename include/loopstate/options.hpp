// What a call can be told besides its subject. Always the last argument, and always optional:
//
//     store.link(card, user, "4242", LinkOptions().transfer().timeout(std::chrono::seconds(2)));
//
// These are classes with named setters rather than aggregates, so that they can be written inside a
// `co_await` with GCC 12, which destroys an aggregate temporary there twice (by_name.hpp).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loopstate/by_name.hpp"
#include "loopstate/capture.hpp"
#include "loopstate/card.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/context.hpp"
#include "loopstate/error.hpp"
#include "loopstate/names.hpp"

namespace loopstate {

/// What the options of all calls hold.
class CallFields {
 public:
  CallFields() = default;

  const std::optional<Deadline>& deadline() const noexcept { return deadline_; }
  const std::optional<std::chrono::milliseconds>& timeout() const noexcept { return timeout_; }
  const std::optional<std::string>& request_id() const noexcept { return request_id_; }

 protected:
  std::optional<Deadline> deadline_;
  std::optional<std::chrono::milliseconds> timeout_;
  std::optional<std::string> request_id_;
};

/// The setters that all calls share. Each returns the options, so that they chain; each takes
/// `std::nullopt` for "not set".
template <typename Options>
class BasicOptions : public CallFields {
 public:
  using CallFields::deadline;
  using CallFields::request_id;
  using CallFields::timeout;

  /// When the call must be over. Default: see `timeout`.
  Options& deadline(std::optional<Deadline> when) & {
    deadline_ = when;
    return self();
  }
  Options&& deadline(std::optional<Deadline> when) && { return std::move(deadline(when)); }

  /// How long the call may take, from its start; `std::chrono::milliseconds::max()`: any time. Default:
  /// StoreSettings::default_timeout, unless there is a deadline. With both, whichever comes first.
  Options& timeout(std::optional<std::chrono::milliseconds> span) & {
    timeout_ = span;
    return self();
  }
  Options&& timeout(std::optional<std::chrono::milliseconds> span) && { return std::move(timeout(span)); }

  /// 1 to 36 characters of `A-Z a-z 0-9 - _` that name one write for 24 hours: which call, on whom and with
  /// which arguments (except `held`, the deadline and, for `update`, the function). Repeated, the call
  /// changes nothing and returns the same result, whatever others wrote in between: this is how a caller
  /// repeats a write after OutcomeUnknown without doing it twice. Another call, or other arguments, under an
  /// id already used by a write is RequestIdReused, and nothing is done. A call refused with an error made
  /// no write, and leaves the id free. Reads ignore it.
  Options& request_id(std::optional<std::string> id) & {
    request_id_ = std::move(id);
    return self();
  }
  Options&& request_id(std::optional<std::string> id) && { return std::move(request_id(std::move(id))); }

 protected:
  BasicOptions() = default;
  explicit BasicOptions(CallFields fields) : CallFields(std::move(fields)) {}

 private:
  Options& self() noexcept { return static_cast<Options&>(*this); }
};

/// The options of a call that has no others. Every other class of options can be made from it, so a caller
/// with one deadline for several calls can pass it on: `store.fetch(user, options)` and
/// `store.patch(user, changes, WriteOptions(options).held(context))`.
class CallOptions : public BasicOptions<CallOptions> {
 public:
  CallOptions() = default;
};

/// For the calls that only read: `fetch`, `fetch_many`, `recall`, `lookup`, `cards_of`, `is_processed`,
/// `get_session`, `list_captures`, `get_location`, `snapshot`.
class ReadOptions : public BasicOptions<ReadOptions> {
 public:
  ReadOptions() = default;
  ReadOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// Accept an answer that may be out of date, in exchange for a cheaper or faster one: NotFound for what was
  /// just created; a card, a session or a user as they were before they were unlinked, revoked or erased.
  /// Every item may be from a moment of its own, and of two calls the later one may show the earlier state.
  /// What has expired is never shown.
  ///
  /// On DynamoDB the read is eventually consistent: it costs half, and usually lags by less than a second.
  /// Behind a DAX cluster it is answered from the cluster's memory, and may lag by as long as the cluster
  /// keeps items (five minutes unless its parameter group says otherwise). On an embedded file it makes no
  /// difference. A context or card read this way can be passed on to a write (`held`, `push`): there it may
  /// cost a request or a VersionConflict, never a wrong result.
  ReadOptions& may_be_stale(bool may = true) & {
    may_be_stale_ = may;
    return *this;
  }
  ReadOptions&& may_be_stale(bool may = true) && { return std::move(this->may_be_stale(may)); }
  bool accepts_stale() const noexcept { return may_be_stale_; }

 private:
  bool may_be_stale_ = false;
};

/// For `get_or_init`.
class InitOptions : public BasicOptions<InitOptions> {
 public:
  InitOptions() = default;
  InitOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// Bring an erased user back, continuing from the tombstone's version.
  InitOptions& revive(bool revive = true) & {
    revives_ = revive;
    return *this;
  }
  InitOptions&& revive(bool revive = true) && { return std::move(this->revive(revive)); }
  bool revives() const noexcept { return revives_; }

 private:
  bool revives_ = false;
};

/// For `push`.
class PushOptions : public BasicOptions<PushOptions> {
 public:
  PushOptions() = default;
  PushOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// The context as it was read, before any change: lets a VersionConflict name the paths that both sides
  /// changed.
  PushOptions& base(std::optional<Context> as_read) & {
    base_ = std::move(as_read);
    return *this;
  }
  PushOptions&& base(std::optional<Context> as_read) && { return std::move(base(std::move(as_read))); }
  const std::optional<Context>& base() const& noexcept { return base_; }
  std::optional<Context> base() && noexcept { return std::move(base_); }

 private:
  std::optional<Context> base_;
};

/// For the calls that change one thing of a user's: `patch`, `unset`, `push_event`, `remember`, `forget`,
/// `settle_capture`.
class WriteOptions : public BasicOptions<WriteOptions> {
 public:
  WriteOptions() = default;
  WriteOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// The user's context from an earlier call, which saves reading it. A stale one costs a request, never a
  /// wrong answer; another user's is InvalidArgument.
  WriteOptions& held(std::optional<Context> context) & {
    held_ = std::move(context);
    return *this;
  }
  WriteOptions&& held(std::optional<Context> context) && { return std::move(held(std::move(context))); }
  const std::optional<Context>& held() const& noexcept { return held_; }
  std::optional<Context> held() && noexcept { return std::move(held_); }

 private:
  std::optional<Context> held_;
};

/// For `add_capture`.
class AddCaptureOptions : public BasicOptions<AddCaptureOptions> {
 public:
  AddCaptureOptions() = default;
  AddCaptureOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// The payment, which is marked as seen together with the capture, so that it cannot be pending twice.
  AddCaptureOptions& transaction(std::optional<TransactionId> payment) & {
    transaction_ = std::move(payment);
    return *this;
  }
  AddCaptureOptions&& transaction(std::optional<TransactionId> payment) && {
    return std::move(transaction(std::move(payment)));
  }
  const std::optional<TransactionId>& transaction() const noexcept { return transaction_; }

  /// As in WriteOptions.
  AddCaptureOptions& held(std::optional<Context> context) & {
    held_ = std::move(context);
    return *this;
  }
  AddCaptureOptions&& held(std::optional<Context> context) && { return std::move(held(std::move(context))); }
  const std::optional<Context>& held() const& noexcept { return held_; }
  std::optional<Context> held() && noexcept { return std::move(held_); }

 private:
  std::optional<TransactionId> transaction_;
  std::optional<Context> held_;
};

/// For `link`.
class LinkOptions : public BasicOptions<LinkOptions> {
 public:
  LinkOptions() = default;
  LinkOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// Take the card from whoever has it; without this, that is CardLinkedElsewhere.
  LinkOptions& transfer(bool transfer = true) & {
    transfers_ = transfer;
    return *this;
  }
  LinkOptions&& transfer(bool transfer = true) && { return std::move(this->transfer(transfer)); }
  bool transfers() const noexcept { return transfers_; }

 private:
  bool transfers_ = false;
};

/// For `unlink`.
class UnlinkOptions : public BasicOptions<UnlinkOptions> {
 public:
  UnlinkOptions() = default;
  UnlinkOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// Only if the card belongs to this user; otherwise CardLinkedElsewhere.
  UnlinkOptions& owner(std::optional<UserId> user) & {
    owner_ = std::move(user);
    return *this;
  }
  UnlinkOptions&& owner(std::optional<UserId> user) && { return std::move(owner(std::move(user))); }
  const std::optional<UserId>& owner() const noexcept { return owner_; }

 private:
  std::optional<UserId> owner_;
};

/// For `claim`.
class ClaimOptions : public BasicOptions<ClaimOptions> {
 public:
  ClaimOptions() = default;
  ClaimOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// Names the holder, for people who look at the claim: 1 to 200 bytes. Default "loopstate".
  ClaimOptions& holder(std::string name) & {
    holder_ = std::move(name);
    return *this;
  }
  ClaimOptions&& holder(std::string name) && { return std::move(holder(std::move(name))); }
  const std::string& holder() const noexcept { return holder_; }

 private:
  std::string holder_ = "loopstate";
};

/// For `set_location`.
class LocationOptions : public BasicOptions<LocationOptions> {
 public:
  LocationOptions() = default;
  LocationOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// When it happened: an older event never undoes a newer one. Default: now.
  LocationOptions& event_time(std::optional<Timestamp> when) & {
    event_time_ = when;
    return *this;
  }
  LocationOptions&& event_time(std::optional<Timestamp> when) && { return std::move(event_time(when)); }
  const std::optional<Timestamp>& event_time() const noexcept { return event_time_; }

 private:
  std::optional<Timestamp> event_time_;
};

/// For `clear_location`.
class ClearLocationOptions : public BasicOptions<ClearLocationOptions> {
 public:
  ClearLocationOptions() = default;
  ClearLocationOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// As in LocationOptions.
  ClearLocationOptions& event_time(std::optional<Timestamp> when) & {
    event_time_ = when;
    return *this;
  }
  ClearLocationOptions&& event_time(std::optional<Timestamp> when) && { return std::move(event_time(when)); }
  const std::optional<Timestamp>& event_time() const noexcept { return event_time_; }

  /// Only if the user is still there.
  ClearLocationOptions& merchant(std::optional<MerchantId> left) & {
    merchant_ = std::move(left);
    return *this;
  }
  ClearLocationOptions&& merchant(std::optional<MerchantId> left) && {
    return std::move(merchant(std::move(left)));
  }
  const std::optional<MerchantId>& merchant() const noexcept { return merchant_; }

 private:
  std::optional<Timestamp> event_time_;
  std::optional<MerchantId> merchant_;
};

/// What a caller remembers from an earlier call, to save requests. Stale state costs a request, never a wrong
/// answer; another user's state is ignored.
class HeldState {
 public:
  HeldState() = default;

  HeldState& card(std::optional<Card> as_read) & {
    card_ = std::move(as_read);
    return *this;
  }
  HeldState&& card(std::optional<Card> as_read) && { return std::move(card(std::move(as_read))); }
  const std::optional<Card>& card() const& noexcept { return card_; }
  std::optional<Card> card() && noexcept { return std::move(card_); }

  HeldState& context(std::optional<Context> as_read) & {
    context_ = std::move(as_read);
    return *this;
  }
  HeldState&& context(std::optional<Context> as_read) && { return std::move(context(std::move(as_read))); }
  const std::optional<Context>& context() const& noexcept { return context_; }
  std::optional<Context> context() && noexcept { return std::move(context_); }

  /// All pending captures at the same moment as `context`, newest first.
  HeldState& captures(std::optional<std::vector<Capture>> pending) & {
    captures_ = std::move(pending);
    return *this;
  }
  HeldState&& captures(std::optional<std::vector<Capture>> pending) && {
    return std::move(captures(std::move(pending)));
  }
  const std::optional<std::vector<Capture>>& captures() const& noexcept { return captures_; }
  std::optional<std::vector<Capture>> captures() && noexcept { return std::move(captures_); }

 private:
  std::optional<Card> card_;
  std::optional<Context> context_;
  std::optional<std::vector<Capture>> captures_;
};

/// For `record_capture` and `record_refund`.
class RecordOptions : public BasicOptions<RecordOptions> {
 public:
  RecordOptions() = default;
  RecordOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// What an earlier outcome returned for the next call.
  RecordOptions& held(HeldState state) & {
    held_ = std::move(state);
    return *this;
  }
  RecordOptions&& held(HeldState state) && { return std::move(held(std::move(state))); }
  const HeldState& held() const& noexcept { return held_; }
  HeldState held() && noexcept { return std::move(held_); }

 private:
  HeldState held_;
};

struct EraseProgress;  // store.hpp

/// For `erase_user`.
class EraseOptions : public BasicOptions<EraseOptions> {
 public:
  /// An error ends the scan and becomes the call's result.
  using Progress = FunctionByName<Result<void>(const EraseProgress& so_far)>;

  EraseOptions() = default;
  EraseOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// Also find what only a scan of the whole table can: transactions seen, cards that the Rust crate linked.
  /// The time it takes grows with the table; only a deadline or a timeout set here ends it sooner.
  EraseOptions& scan(bool scan = true) & {
    scans_ = scan;
    return *this;
  }
  EraseOptions&& scan(bool scan = true) && { return std::move(this->scan(scan)); }
  bool scans() const noexcept { return scans_; }

  /// Resumes a scan that was cut off, from an EraseProgress::cursor of the same table. The receipt then
  /// covers the rest only.
  EraseOptions& resume(std::optional<std::string> cursor) & {
    resume_ = std::move(cursor);
    return *this;
  }
  EraseOptions&& resume(std::optional<std::string> cursor) && { return std::move(resume(std::move(cursor))); }
  const std::optional<std::string>& resume() const noexcept { return resume_; }

  /// Called after each page of a scan (about 1 MB) but the last, on the call's executor.
  EraseOptions& progress(Progress told) & {
    progress_ = std::move(told);
    return *this;
  }
  EraseOptions&& progress(Progress told) && { return std::move(progress(std::move(told))); }
  const Progress& progress() const noexcept { return progress_; }

  /// How long each request of a scan may take. Default: StoreSettings::default_timeout.
  EraseOptions& request_timeout(std::optional<std::chrono::milliseconds> span) & {
    request_timeout_ = span;
    return *this;
  }
  EraseOptions&& request_timeout(std::optional<std::chrono::milliseconds> span) && {
    return std::move(request_timeout(span));
  }
  const std::optional<std::chrono::milliseconds>& request_timeout() const noexcept {
    return request_timeout_;
  }

 private:
  bool scans_ = false;
  std::optional<std::string> resume_;
  Progress progress_;
  std::optional<std::chrono::milliseconds> request_timeout_;
};

}  // namespace loopstate
