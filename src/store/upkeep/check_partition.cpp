#include "store/upkeep/check_partition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "store/rows/attributes.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/claim_row.hpp"
#include "store/rows/collection_row.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/context_row.hpp"
#include "store/rows/ended_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/location_row.hpp"
#include "store/rows/pepper_row.hpp"
#include "store/rows/processed_row.hpp"
#include "store/rows/read_row.hpp"
#include "store/rows/refund_ledger_row.hpp"
#include "store/rows/ring.hpp"
#include "store/rows/session_row.hpp"
#include "store/rows/waited_row.hpp"
#include "store/rows/waiting_row.hpp"
#include "store/spine/answers.hpp"
#include "store/spine/request.hpp"

namespace loopstate::store {
namespace {

using Kind = CheckFinding::Kind;

// What the user's items, taken together, must agree on.
struct UserState {
  std::optional<ContextPlace> place;  // nothing: there is none, or it cannot be read
  bool context_corrupt = false;
  bool captures_corrupt = false;
  std::vector<Capture> captures;
};

class Examination {
 public:
  Examination(const StoreSettings& settings, Timestamp now) : settings_(settings), now_(now) {}

  void user_item(const std::string& user, const table::Item& item) {
    const auto& sort = item.key.sk;
    if (sort == kContextSort) {
      context_item(item);
    } else if (sort == kSessionSort) {
      session_item(item);
    } else if (sort == kLocationSort) {
      readable(item, location_from_row(item));
    } else if (sort.starts_with(kPendingPrefix)) {
      auto capture = capture_from_row(item);
      user_.captures_corrupt = user_.captures_corrupt || !capture;
      if (!readable(item, capture)) return;
      auto marked = marked_capture(user, item, *capture, now_);
      if (readable(item, marked) && *marked) report_.marked.push_back(std::move(**marked));
      user_.captures.push_back(std::move(*capture));
    } else if (sort.starts_with(kCollectionPrefix)) {
      collection_item(item);
    } else if (sort.starts_with(kEndedPrefix)) {
      readable(item, ended_from_row(item));
    } else if (sort.starts_with(kCardPrefix)) {
      if (readable(item, card_from_user_row(item))) {
        report_.pairs.push_back({sort.substr(kCardPrefix.size()), user, false});
      }
    } else {
      unknown(item);
    }
  }

  void card_item(const std::string& fingerprint, const table::Item& item) {
    if (item.key.sk == kWaitingSort) {
      readable(item, waiting_from_row(item));
      return;
    }
    if (item.key.sk != kMetaSort) return unknown(item);
    const auto card = card_from_row(item);
    if (readable(item, card)) report_.pairs.push_back({fingerprint, card->user.text(), true});
  }

  void pepper_item(const table::Item& item) { readable(item, pepper_from_row(item)); }

  void transaction_item(const table::Item& item) {
    if (item.key.sk == kProcessedSort) {
      readable(item, processed_from_row(item));
    } else if (item.key.sk == kClaimSort) {
      readable(item, claim_from_row(item));
    } else if (item.key.sk == kRefundLedgerSort) {
      readable(item, refund_ledger_from_row(item));
    } else if (item.key == waited_key(item.key.pk.substr(kTransactionPrefix.size()))) {
      readable(item, waited_from_row(item, false, now_));
    } else {
      unknown(item);
    }
  }

  void request_item(const table::Item& item) {
    if (item.key.sk == kWriteSort) {
      request_ = item;
    } else if (item.key.sk.starts_with(fmt::format("{}#", kWriteSort))) {
      const auto part = need_string(item, attribute::kAnswer);
      if (readable(item, part)) parts_.emplace(item.key.sk, *part);
    } else {
      unknown(item);
    }
  }

  // The answer is in the request's item and its parts.
  void request_as_a_whole(const std::string& id) {
    if (!request_) return;
    const auto request = request_from_row(*request_);
    if (!readable(*request_, request)) return;
    auto answer = request->answer;
    for (std::size_t part = 1; part <= request->parts; ++part) {
      const auto found = parts_.find(request_key(id, part).sk);
      if (found == parts_.end()) {
        add(Kind::CorruptItem, item_name(request_->key),
            fmt::format("part {} of {} of its answer is missing", part, request->parts));
        return;
      }
      answer += found->second;
    }
    readable(*request_, check_answer(request->call, answer));
  }

  // Its contents are unknown, so nothing that depends on them is reported.
  void damaged_item(const table::DamagedItem& damaged) {
    report_.findings.push_back(finding_of(damaged));
    const auto& sort = damaged.key.sk;
    user_.context_corrupt = user_.context_corrupt || sort == kContextSort;
    user_.captures_corrupt = user_.captures_corrupt || sort.starts_with(kPendingPrefix);
  }

  void unknown(const table::Item& item) {
    add(Kind::UnknownItem, item_name(item.key), "an item of an unknown kind");
  }

  // What shows only when all of the user's items are seen together.
  void user_as_a_whole(const std::string& user, std::size_t items) {
    const auto name = item_name(context_key(user));
    if (user_.place && user_.place->tombstone) {
      if (items > 1) {
        add(Kind::ErasureUnfinished, name,
            fmt::format("the user was erased, and {} of the user's items are left", items - 1));
      }
      return;
    }
    if (user_.context_corrupt || user_.captures_corrupt) return;
    const auto& ring = ring_of_context();
    const auto ring_read_at =
        user_.place && user_.place->context ? row_of(*user_.place->context).ring_read_at : Timestamp{};
    if (!ring_agrees(ring, user_.captures, now_, settings_.pending_lifetime, ring_read_at)) {
      add(Kind::RingDisagrees, name, "the ring and the existing pending captures disagree");
      return;
    }
    const auto strangers =
        static_cast<std::size_t>(std::ranges::count_if(user_.captures, [&](const Capture& capture) {
          if (is_over(capture, now_))
            return false;  // past its own expiry: it does not exist, and nobody takes it in
          return !ring || std::ranges::find(*ring, capture.id) == ring->end();
        }));
    if (strangers > 0) {
      add(Kind::RingMissing, name,
          fmt::format("{} pending captures are in no ring, left by another program or by a writer whose "
                      "clock was ahead",
                      strangers));
    }
  }

  PartitionReport take() { return std::move(report_); }

 private:
  const std::optional<std::vector<std::string>>& ring_of_context() const {
    static const std::optional<std::vector<std::string>> none;
    return user_.place && user_.place->context ? row_of(*user_.place->context).ring : none;
  }

  void context_item(const table::Item& item) {
    auto place = read_context_place(item);
    user_.context_corrupt = user_.context_corrupt || !place;
    if (readable(item, place)) user_.place = std::move(*place);
  }

  void session_item(const table::Item& item) {
    const auto session = session_from_row(item);
    // One that has expired does not exist, whatever its row lacks.
    if (!readable(item, session) || session->expires_at <= now_) return;
    if (!is_adopted(item)) {
      add(Kind::SessionNotAdopted, item_name(item.key),
          "a session without the attributes that authorising needs");
    }
  }

  void collection_item(const table::Item& item) {
    const auto collection = collection_from_row(item);
    if (!readable(item, collection) || collection->state != CollectionRow::State::Emptying) return;
    add(Kind::DropUnfinished, item_name(item.key), "a collection whose documents are still being removed");
  }

  template <typename T>
  bool readable(const table::Item& item, const Result<T>& decoded) {
    if (!decoded) add(Kind::CorruptItem, item_name(item.key), decoded.error().message);
    return decoded.has_value();
  }

  void add(Kind kind, std::string item, std::string detail) {
    report_.findings.push_back({kind, std::move(item), std::move(detail), false});
  }

  const StoreSettings& settings_;
  Timestamp now_;
  UserState user_;
  std::optional<table::Item> request_;
  std::map<std::string, std::string> parts_;  // by sort key
  PartitionReport report_;
};

}  // namespace

std::string item_name(const table::Key& key) {
  return fmt::format("{}|{}", key.pk, key.sk);
}

CheckFinding finding_of(const table::DamagedItem& damaged) {
  return {CheckFinding::Kind::CorruptItem, item_name(damaged.key), damaged.error.message, false};
}

PartitionReport examine_partition(const Partition& partition, const StoreSettings& settings, Timestamp now) {
  Examination examination(settings, now);
  const auto& pk = partition.pk;
  const auto behind = [&](std::string_view prefix) { return pk.substr(prefix.size()); };
  for (const auto& damaged : partition.damaged) examination.damaged_item(damaged);
  for (const auto& item : partition.items) {
    if (pk.starts_with(kUserPrefix)) {
      examination.user_item(behind(kUserPrefix), item);
    } else if (pk.starts_with(kCardPrefix)) {
      examination.card_item(behind(kCardPrefix), item);
    } else if (pk.starts_with(kTransactionPrefix)) {
      examination.transaction_item(item);
    } else if (pk.starts_with(kRequestPrefix)) {
      examination.request_item(item);
    } else if (item.key == health_key()) {
      continue;
    } else if (item.key == pepper_key()) {
      examination.pepper_item(item);
    } else {
      examination.unknown(item);
    }
  }
  if (pk.starts_with(kUserPrefix)) {
    examination.user_as_a_whole(behind(kUserPrefix), partition.items.size() + partition.damaged.size());
  }
  if (pk.starts_with(kRequestPrefix)) examination.request_as_a_whole(behind(kRequestPrefix));
  return examination.take();
}

}  // namespace loopstate::store
