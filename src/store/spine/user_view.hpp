// What a ring-changing write is based on: the context and the pending captures, at one moment.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/rows/context_row.hpp"
#include "store/spine/core.hpp"

namespace loopstate::store {

struct UserView {
  std::optional<Context> context;
  /// Ids of the pending captures, oldest first. Nothing: unknown, the rows must be read.
  std::optional<std::vector<std::string>> ring;
  /// The rows that are known, by id. Some may be missing if the view was not read as a whole.
  std::map<std::string, Capture> rows;
  /// All rows were read, with this context; false for what a caller holds and what a refusal showed.
  bool whole = false;
};

/// Whether a ring-changing write may be based on this view without reading the rows first. If the Rust crate
/// is known to add captures for this user, only on rows that this call has read.
bool may_stand_on(const UserView& view, Timestamp now);

/// One query over the user's context and pending captures; more only if rows and ring disagree (a write
/// came in between) or past 1 MB. Erased, CorruptItem.
Task<Result<UserView>> load_view(CorePtr core, std::string user, table::Call call);

/// The view of what the caller holds; rows that have expired by `now` are left out. Nothing if no context
/// of this user is held, or if the captures are not those of its ring.
std::optional<UserView> view_of(std::string_view user, const std::optional<Context>& context,
                                const std::optional<std::vector<Capture>>& captures, Timestamp now);

/// The view after the context's row turned out to be `current`: what is known about the rows is kept.
UserView with_context(UserView view, Context current);

/// The captures of a ring whose rows are known, newest first.
std::vector<Capture> newest_first(const std::vector<std::string>& ring,
                                  const std::map<std::string, Capture>& rows);

/// Every live row of the user's partition in the range of sort keys, page by page.
Task<Result<std::vector<table::Item>>> query_all(CorePtr core, std::string user, table::SortRange range,
                                                 table::Call call);

/// A read with it shows what has expired too: who removes everything must not leave what is live by the clock
/// of another machine.
inline table::Call whatever_its_time(table::Call call) {
  call.now = Timestamp{};
  return call;
}

/// The pending rows among `rows`, decoded, including expired ones.
Result<std::vector<Capture>> captures_among(const std::vector<table::Item>& rows);

/// How often rows and ring that disagree are reread before the rows are believed. Only a foreign writer's
/// deletions make them disagree for longer than a race.
inline constexpr int kMaxRereads = 4;

}  // namespace loopstate::store
