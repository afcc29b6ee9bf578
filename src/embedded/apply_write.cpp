#include "embedded/apply_write.hpp"

#include <fmt/format.h>

#include <utility>

#include "embedded/checksum.hpp"
#include "embedded/encoding.hpp"
#include "embedded/expiry_index.hpp"
#include "embedded/item_key.hpp"
#include "embedded/tokens.hpp"
#include "table/expiry.hpp"
#include "table/limits.hpp"

namespace loopstate::embedded {
namespace {

using table::Condition;
using table::Item;

/// What an operation will do, once all conditions are known to hold.
struct Plan {
  enum class Kind : std::uint8_t { Nothing, Store, Remove };
  Kind kind = Kind::Nothing;
  std::string_view value;  ///< to store: the prepared bytes, or `updated`
  std::string updated;
  std::optional<std::uint64_t> checksum_before;  ///< of the record that was there before
  std::optional<Timestamp> expires_before, expires_after;
};

class Decision {
 public:
  Decision(Changes& changes, WriteRequest& request)
      : changes_(changes), request_(request), plans_(request.operations.size()) {}

  int run() {
    request_.applied = false;
    request_.outcomes.assign(request_.operations.size(), {});
    request_.error.reset();
    if (request_.token) {
      const TokenLookup seen = look_up_token(changes_, request_);
      if (seen.code != 0) return seen.code;
      if (seen.state == TokenState::SameOperations) return done_before();
      if (seen.state == TokenState::OtherOperations) return refuse_token();
    }
    bool all_hold = true;
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      if (const int code = decide(i); code != 0) return code;
      all_hold = all_hold && request_.outcomes[i].held;
    }
    return all_hold && !request_.error ? write() : 0;
  }

 private:
  int done_before() {
    request_.applied = true;
    for (auto& outcome : request_.outcomes) outcome.held = true;
    return 0;
  }

  int refuse_token() {
    request_.error =
        Error{ErrorCode::InvalidArgument,
              "the request token was used for other operations less than ten minutes ago", false, nullptr};
    return 0;
  }

  void set_error(Error error) {
    if (!request_.error) request_.error = std::move(error);
  }

  /// Reads what is there and evaluates one operation.
  int decide(std::size_t index) {
    const PreparedOperation& prepared = request_.operations[index];
    OperationOutcome& outcome = request_.outcomes[index];
    Plan& plan = plans_[index];
    std::string_view stored;
    const int code = changes_.find_item(prepared.key, stored);
    if (code != 0 && code != MDB_NOTFOUND) return code;

    std::optional<Item> item;
    if (code == 0) {
      plan.checksum_before = checksum_in(stored);
      auto attributes = decode_record(prepared.key, stored);
      if (attributes) {
        plan.expires_before = expires_at(*attributes);
        item = Item{table::key_of(prepared.operation), std::move(*attributes)};
        if (!table::is_live(*item, request_.call.now)) item.reset();
      } else if (!may_overwrite_damaged(prepared.operation)) {
        set_error(corrupt_item(prepared.key, attributes.error()));
        return 0;
      }
    }
    outcome.held = table::holds(table::condition_of(prepared.operation), item ? &*item : nullptr);
    std::visit([&](const auto& operation) { plan_for(operation, prepared, std::move(item), outcome, plan); },
               prepared.operation);
    return 0;
  }

  /// An unconditional put or erase need not know what was there: that is how to repair a damaged item.
  static bool may_overwrite_damaged(const table::Operation& operation) {
    return (std::holds_alternative<table::Put>(operation) ||
            std::holds_alternative<table::Erase>(operation)) &&
           table::condition_of(operation).kind() == Condition::Kind::Always;
  }

  void plan_for(const table::Put& put, const PreparedOperation& prepared, std::optional<Item> item,
                OperationOutcome& outcome, Plan& plan) {
    plan.kind = Plan::Kind::Store;
    plan.value = prepared.value;
    plan.expires_after = expires_at(put.item.attributes);
    outcome.item = std::move(item);
  }

  void plan_for(const table::Erase&, const PreparedOperation&, std::optional<Item> item,
                OperationOutcome& outcome, Plan& plan) {
    if (plan.checksum_before) plan.kind = Plan::Kind::Remove;
    outcome.item = std::move(item);
  }

  void plan_for(const table::Check&, const PreparedOperation&, std::optional<Item> item,
                OperationOutcome& outcome, Plan&) {
    outcome.item = std::move(item);
  }

  void plan_for(const table::UpdateItem& update, const PreparedOperation& prepared, std::optional<Item> item,
                OperationOutcome& outcome, Plan& plan) {
    if (!item) outcome.held = false;
    if (!outcome.held) {
      outcome.item = std::move(item);
      return;
    }
    auto updated = table::apply(update.update, std::move(*item));
    if (!updated) return set_error(std::move(updated.error()));
    if (auto ok = table::check_item(*updated); !ok) return set_error(std::move(ok.error()));
    plan.kind = Plan::Kind::Store;
    plan.updated = encode_record(prepared.key, updated->attributes);
    plan.value = plan.updated;
    plan.expires_after = expires_at(updated->attributes);
    outcome.item = std::move(*updated);
  }

  int write() {
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      if (const int code = write_one(request_.operations[i].key, plans_[i]); code != 0) return code;
    }
    request_.applied = true;
    if (!request_.token) return 0;
    return remember_token(changes_, request_);
  }

  int write_one(std::string_view encoded_key, const Plan& plan) {
    if (plan.kind == Plan::Kind::Nothing) return 0;
    const int code = plan.kind == Plan::Kind::Store
                         ? changes_.put_item(encoded_key, plan.value, plan.checksum_before)
                         : changes_.remove_item(encoded_key, *plan.checksum_before);
    if (code != 0) return code;
    return update_expiry(changes_, encoded_key, plan.expires_before, plan.expires_after);
  }

  Changes& changes_;
  WriteRequest& request_;
  std::vector<Plan> plans_;
};

}  // namespace

int apply_write(Changes& changes, WriteRequest& request) {
  return Decision(changes, request).run();
}

}  // namespace loopstate::embedded
