#include "store/rows/session_row.hpp"

#include <algorithm>

#include "base/try.hpp"
#include "store/documents/session_json.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate::store {

bool is_adopted(const table::Item& row) {
  const auto* spends = row.find(attribute::kSpends);
  return row.attributes.contains(attribute::kActionsLeft) && spends != nullptr && spends->list() != nullptr;
}

Result<Session> session_from_row(const table::Item& row) {
  const auto* text = row.string(attribute::kSessionData);
  if (text == nullptr) return corrupt(row.key, "attribute session_data is missing or not a string");
  auto session = stored_session_from_json(*text);
  if (!session) return corrupt(row.key, session.error().message);
  TRY(const auto expires_at, need_time(row, attribute::kExpiresAt));
  session->expires_at = std::min(session->expires_at, expires_at);
  if (!row.attributes.contains(attribute::kActionsLeft)) return session;
  TRY(const auto left, need_uint64(row, attribute::kActionsLeft));
  session->actions_used =
      static_cast<std::uint32_t>(session->max_actions - std::min<std::uint64_t>(session->max_actions, left));
  return session;
}

table::UpdateItem adoption(const table::Item& row, const Session& session, std::uint64_t left,
                           std::string_view write_id, table::List spends) {
  using table::Change;
  table::UpdateItem update;
  update.key = row.key;
  std::vector<table::Condition> same;
  for (const auto name : {attribute::kSessionData, attribute::kActionsLeft, attribute::kWriteId}) {
    const auto* value = row.find(name);
    same.push_back(value == nullptr ? table::Condition::absent(name)
                                    : table::Condition::equals(name, *value));
  }
  update.condition = table::Condition::all_of(std::move(same));
  auto& changes = update.update;
  changes.push_back(Change::set(attribute::kActionsLeft, table::Value::number(left)));
  if (auto scopes = scope_set(session))
    changes.push_back(Change::set(attribute::kScopes, std::move(*scopes)));
  changes.push_back(Change::set(attribute::kSpends, table::Value(std::move(spends))));
  changes.push_back(Change::set(attribute::kWriteId, write_id));
  return update;
}

std::optional<table::Value> scope_set(const Session& session) {
  table::StringSet set{session.scopes};
  // The Rust crate accepts any text as a scope; sets have no empty elements on every engine.
  std::erase(set.values, std::string());
  std::ranges::sort(set.values);
  const auto twins = std::ranges::unique(set.values);
  set.values.erase(twins.begin(), twins.end());
  if (set.values.empty()) return std::nullopt;
  return table::Value(std::move(set));
}

table::Item session_row(std::string_view user, const Session& session, std::string_view write_id) {
  table::Item row;
  row.key = session_key(user);
  auto& attributes = row.attributes;
  attributes.set(std::string(attribute::kSessionData), to_json(session));
  attributes.set(std::string(attribute::kExpiresAt), table::Value::time(session.expires_at));
  attributes.set(std::string(attribute::kTtl), table::Value::time(session.expires_at));
  if (auto scopes = scope_set(session)) attributes.set(std::string(attribute::kScopes), std::move(*scopes));
  const std::uint64_t left = session.max_actions - std::min(session.max_actions, session.actions_used);
  attributes.set(std::string(attribute::kActionsLeft), table::Value::number(left));
  attributes.set(std::string(attribute::kSpends), table::Value(table::List()));
  attributes.set(std::string(attribute::kWriteId), write_id);
  return row;
}

}  // namespace loopstate::store
