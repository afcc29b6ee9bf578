#include "store/upkeep/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <iterator>
#include <utility>
#include <vector>

#include "base/try.hpp"
#include "store/rows/document_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/store_access.hpp"
#include "store/spine/user_view.hpp"
#include "store/upkeep/check_cards.hpp"
#include "store/upkeep/check_documents.hpp"
#include "store/upkeep/check_partition.hpp"
#include "store/upkeep/check_repair.hpp"
#include "store/upkeep/check_run.hpp"

namespace loopstate::store {
namespace {

using Kind = CheckFinding::Kind;

// Whether a problem in such a partition may show only once all of its items have been seen: a user's items,
// and an answer in several parts, and a
// collection of documents.
bool is_looked_at_together(std::string_view pk) {
  return pk.starts_with(kUserPrefix) || pk.starts_with(kRequestPrefix) || pk.starts_with(kDocumentsPrefix);
}

// Whether there is a finding that a write between two pages of the scan may have caused.
bool needs_second_look(std::string_view pk, const PartitionReport& report) {
  if (pk.starts_with(kRequestPrefix)) return !report.findings.empty();
  return std::ranges::any_of(report.findings,
                             [](const CheckFinding& finding) { return is_mendable(finding.kind); });
}

std::string user_of(const std::string& pk) {
  return pk.substr(kUserPrefix.size());
}

Task<Result<bool>> mend_user(RunPtr run, std::string user, Kind kind) {
  if (kind == Kind::RingMissing || kind == Kind::RingDisagrees) {
    const auto call = run->call();
    co_return co_await rewrite_ring(run->core, std::move(user), call);
  }
  if (kind == Kind::SessionNotAdopted) {
    const auto call = run->call();
    co_return co_await adopt_session(run->core, std::move(user), call);
  }
  if (kind == Kind::DropUnfinished) co_return co_await finish_drops(run, std::move(user));
  if (kind != Kind::ErasureUnfinished) co_return false;
  auto id = UserId::parse(user);
  if (!id) co_return false;
  co_return co_await mend_erasure(run->core, std::move(*id), run->call());
}

// Finishing an erasure would remove what cannot be read along with the rest: that is for a person to decide.
bool may_mend(const CheckFinding& finding, const std::vector<CheckFinding>& findings) {
  if (!is_mendable(finding.kind)) return false;
  return finding.kind != Kind::ErasureUnfinished ||
         std::ranges::none_of(findings, [](const auto& other) { return other.kind == Kind::CorruptItem; });
}

Task<Result<void>> report_user(RunPtr run, std::string user, std::vector<CheckFinding> findings) {
  for (auto& finding : findings) {
    if (run->options.repair && may_mend(finding, findings)) {
      CO_TRY(auto mended, unless_refused(co_await mend_user(run, user, finding.kind)));
      finding.mended = mended;
    }
    run->report(std::move(finding));
  }
  co_return Result<void>{};
}

// Whether the key says which partition it belongs to.
bool is_whole(const table::Key& key) {
  return !key.pk.empty() && !key.sk.empty();
}

// The partition as it is now, page by page.
Task<Result<Partition>> read_partition(RunPtr run, std::string pk) {
  Partition partition;
  partition.pk = pk;
  table::Query query;
  query.pk = std::move(pk);
  query.past_damage = true;
  for (;;) {
    auto asked = query;
    const auto call = run->call();
    CO_TRY(auto page, co_await run->core->table->query(std::move(asked), call));
    std::ranges::move(page.items, std::back_inserter(partition.items));
    // Those whose key is damaged were reported when the scan met them.
    std::ranges::copy_if(page.damaged, std::back_inserter(partition.damaged), is_whole,
                         &table::DamagedItem::key);
    if (!page.next) co_return partition;
    query.cursor = std::move(page.next);
  }
}

// What is still wrong after the partition was read again, as often as a race may last.
Task<Result<PartitionReport>> look_again(RunPtr run, std::string pk, PartitionReport report) {
  for (int read = 0; read < kMaxRereads && needs_second_look(pk, report); ++read) {
    const auto call = run->call();
    CO_TRY_OK(co_await pause_before_retry(read, call.deadline));
    CO_TRY(auto partition, co_await read_partition(run, pk));
    report = examine_partition(partition, run->store.settings(), call.now);
  }
  co_return report;
}

Task<Result<void>> check_marks(RunPtr run) {
  auto marked = std::exchange(run->marked, {});
  if (marked.empty()) co_return Result<void>{};
  const auto call = run->call();
  auto lacking = co_await without_mark(run->core, std::move(marked), call);
  if (!lacking) co_return std::unexpected(std::move(lacking.error()));
  for (auto& capture : *lacking) {
    auto finding = finding_of(capture);
    if (run->options.repair) {
      const auto repair = run->call();
      auto mended = unless_refused(co_await restore_mark(run->core, std::move(capture), repair));
      if (!mended) co_return std::unexpected(std::move(mended.error()));
      finding.mended = *mended;
    }
    run->report(std::move(finding));
  }
  co_return Result<void>{};
}

// Checks what only items of other partitions can tell about the partitions finished so far.
Task<Result<void>> check_across(RunPtr run) {
  auto checked = co_await check_pairs(run);
  if (!checked) co_return checked;
  co_return co_await check_marks(run);
}

// All of the partition's items have arrived.
Task<Result<void>> finish_partition(RunPtr run) {
  auto partition = std::exchange(run->partition, {});
  auto documents = std::exchange(run->documents, {});
  CO_TRY_OK(co_await check_documents(run, std::move(documents)));
  if (partition.items.empty() && partition.damaged.empty()) co_return Result<void>{};
  auto report = examine_partition(partition, run->store.settings(), run->clock.now());
  if (is_looked_at_together(partition.pk)) {
    CO_TRY(auto sure, co_await look_again(run, partition.pk, std::move(report)));
    report = std::move(sure);
  }
  if (partition.pk.starts_with(kUserPrefix)) {
    auto reported = co_await report_user(run, user_of(partition.pk), std::move(report.findings));
    if (!reported) co_return reported;
  } else {
    for (auto& finding : report.findings) run->report(std::move(finding));
  }
  for (auto& capture : report.marked) {
    run->marked.push_back(std::move(capture));
    if (run->marked.size() < kMaxMarksAtOnce) continue;
    auto checked = co_await check_marks(run);
    if (!checked) co_return checked;
  }
  for (auto& pair : report.pairs) {
    run->pairs.push_back(std::move(pair));
    if (run->pairs.size() < kMaxPairsAtOnce) continue;
    auto checked = co_await check_pairs(run);
    if (!checked) co_return checked;
  }
  co_return Result<void>{};
}

Task<Result<void>> begin_partition(RunPtr run, std::string pk) {
  auto finished = co_await finish_partition(run);
  if (finished) run->partition.pk = std::move(pk);
  co_return finished;
}

Task<Result<void>> take_damaged(RunPtr run, table::DamagedItem damaged) {
  if (damaged.error.code == ErrorCode::StorageCorrupt) {  // reported by the engine
    run->is_storage_damaged = true;
    co_return Result<void>{};
  }
  ++run->counts.items;
  if (!is_whole(damaged.key)) {
    run->is_storage_damaged = true;
    run->report(finding_of(damaged));
    co_return Result<void>{};
  }
  if (damaged.key.pk != run->partition.pk) {
    auto begun = co_await begin_partition(run, damaged.key.pk);
    if (!begun) co_return begun;
  }
  run->documents.overlook();
  run->partition.damaged.push_back(std::move(damaged));
  co_return Result<void>{};
}

// Items of one partition arrive one after the other. (If an engine breaks that, the second look sees them
// together.)
Task<Result<void>> take_page(RunPtr run, table::Page page) {
  auto damaged = page.damaged.begin();
  for (std::size_t i = 0; i <= page.items.size(); ++i) {
    for (; damaged != page.damaged.end() && damaged->before <= i; ++damaged) {
      auto taken = co_await take_damaged(run, std::move(*damaged));
      if (!taken) co_return taken;
    }
    if (i == page.items.size()) break;
    auto& item = page.items[i];
    ++run->counts.items;
    if (item.key.pk != run->partition.pk) {
      auto begun = co_await begin_partition(run, item.key.pk);
      if (!begun) co_return begun;
    }
    if (item.key.pk.starts_with(kDocumentsPrefix)) {
      if (auto finding = run->documents.take(item)) run->report(std::move(*finding));
      continue;
    }
    run->partition.items.push_back(std::move(item));
  }
  run->step(run->counts);
  co_return Result<void>{};
}

// What the engine finds in its own storage. None of it is repaired here: what is lost is lost, and the
// rest stays as it is.
Task<Result<void>> inspect_storage(RunPtr run) {
  table::Call call;
  call.now = run->clock.now();
  CO_TRY(auto findings, co_await run->core->table->inspect(call));
  for (auto& finding : findings) {
    // The scan names those again, with the other items of their user.
    if (finding.subject == table::kItemSubject) continue;
    run->report({Kind::DamagedStore, std::move(finding.subject), std::move(finding.detail), false});
  }
  co_return Result<void>{};
}

Task<Result<void>> scan_all(RunPtr run) {
  auto inspected = co_await inspect_storage(run);
  if (!inspected) co_return inspected;
  CO_TRY(const auto snapshot, run->core->table->snapshot());
  table::Scan scan;
  scan.past_damage = true;
  scan.cursor = run->options.resume;
  // The start of the page in which the partition whose items are still arriving began.
  auto safe = scan.cursor;
  for (;;) {
    const auto before = run->partition.pk;
    auto asked = scan;
    const auto call = run->call();
    auto reading =
        snapshot ? snapshot->scan(std::move(asked), call) : run->core->table->scan(std::move(asked), call);
    CO_TRY(auto page, co_await std::move(reading));
    auto next = std::move(page.next);
    auto taken = co_await take_page(run, std::move(page));
    if (!taken) co_return taken;
    if (!next) break;
    if (!run->options.between) {
      scan.cursor = std::move(next);
      continue;
    }
    if (!is_looked_at_together(run->partition.pk)) {
      auto finished = co_await finish_partition(run);
      if (!finished) co_return finished;
      safe = next;
    } else if (run->partition.pk != before) {
      safe = scan.cursor;
    }
    scan.cursor = std::move(next);
    if (auto go_on = run->options.between(run->counts, safe); !go_on) {
      // What was finished is reported to its end.
      auto checked = co_await check_across(run);
      co_return checked ? std::move(go_on) : std::move(checked);
    }
  }
  auto finished = co_await finish_partition(run);
  if (!finished) co_return finished;
  co_return co_await check_across(run);
}

}  // namespace

Result<bool> unless_refused(Result<bool> mended) {
  if (mended) return mended;
  const auto code = mended.error().code;
  const bool refused =
      code == ErrorCode::CorruptItem || code == ErrorCode::ItemTooLarge || code == ErrorCode::InvalidArgument;
  if (refused) return false;
  return mended;
}

std::string_view to_string(CheckFinding::Kind kind) noexcept {
  switch (kind) {
    case Kind::CorruptItem:
      return "CorruptItem";
    case Kind::UnknownItem:
      return "UnknownItem";
    case Kind::CardWithoutOwnerItem:
      return "CardWithoutOwnerItem";
    case Kind::OwnerItemWithoutCard:
      return "OwnerItemWithoutCard";
    case Kind::CardOfErasedUser:
      return "CardOfErasedUser";
    case Kind::RingMissing:
      return "RingMissing";
    case Kind::RingDisagrees:
      return "RingDisagrees";
    case Kind::SessionNotAdopted:
      return "SessionNotAdopted";
    case Kind::CaptureWithoutMark:
      return "CaptureWithoutMark";
    case Kind::ErasureUnfinished:
      return "ErasureUnfinished";
    case Kind::OrphanParts:
      return "OrphanParts";
    case Kind::DocumentsWithoutCollection:
      return "DocumentsWithoutCollection";
    case Kind::CollectionBehind:
      return "CollectionBehind";
    case Kind::DropUnfinished:
      return "DropUnfinished";
    case Kind::DamagedStore:
      break;
  }
  return "DamagedStore";
}

bool is_mendable(Kind kind) noexcept {
  return kind != Kind::CorruptItem && kind != Kind::UnknownItem && kind != Kind::DamagedStore;
}

Task<Result<CheckCounts>> check_table(Store store, CheckOptions options, const Clock& clock, CheckSink found,
                                      CheckStep step) {
  auto core = std::make_shared<Core>(table_of(store), store.settings(), clock);
  auto run = std::make_shared<CheckRun>(std::move(store), std::move(core), options, clock, std::move(found),
                                        std::move(step), CheckCounts{}, Partition{}, std::vector<CardPair>{},
                                        std::vector<MarkedCapture>{});
  CO_TRY_OK(co_await scan_all(run));
  co_return run->counts;
}

}  // namespace loopstate::store
