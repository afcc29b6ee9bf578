#include "store/documents/context_paths.hpp"

#include <algorithm>

#include "base/try.hpp"
#include "loopstate/names.hpp"
#include "store/documents/codec.hpp"

namespace loopstate::store {
namespace {

constexpr std::string_view kMemory = "agent_memory";
constexpr std::string_view kMemoryKey = "memory key";

std::unexpected<Error> no_such_path(std::string_view path) {
  return fail(ErrorCode::InvalidArgument, fmt::format("a context has no path {}", path));
}

std::pair<std::string_view, std::string_view> split(std::string_view path) {
  const auto dot = path.find('.');
  if (dot == std::string_view::npos) return {path, {}};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

template <typename Field>
Result<void> set_field(Field& field, const ContextChange& change, Field initial) {
  if (!change.value) {
    field = std::move(initial);
    return {};
  }
  json::Reader reader(change.value->text(), {.depth = json::kMaxDepth});
  Field read{};
  std::string inner;
  if (!read_value(reader, read, inner) || !reader.finish()) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("path {}: {}", change.path, reader.problem().message));
  }
  field = std::move(read);
  return {};
}

// `rest` is the remainder of the path below this object.
template <typename Struct>
Result<void> set_below(Struct& object, std::string_view rest, const ContextChange& change) {
  const auto [head, tail] = split(rest);
  const Struct initial{};
  Result<void> result = no_such_path(change.path);
  const auto try_one = [&](const auto& member) {
    if (head != member.name) return false;
    auto& field = field_of(object, member);
    if constexpr (HasSchema<std::remove_cvref_t<decltype(field)>>) {
      if (head.size() == rest.size()) {
        result = fail(
            ErrorCode::InvalidArgument,
            fmt::format("path {} is an object; name a field of it, as in {}.{}", change.path, change.path,
                        std::get<0>(Schema<std::remove_cvref_t<decltype(field)>>::members).name));
      } else {
        result = set_below(field, tail, change);
      }
    } else if (head.size() == rest.size()) {
      result = set_field(field, change, field_of(initial, member));
    }
    return true;
  };
  std::apply([&](const auto&... member) { (void)(try_one(member) || ...); }, Schema<Struct>::members);
  return result;
}

Result<void> set_memory(Context& context, std::string_view key, const ContextChange& change) {
  if (change.path == kMemory) {
    return fail(ErrorCode::InvalidArgument,
                "path agent_memory is an object; name a key of it, as in agent_memory.KEY");
  }
  // A key that is already there may be longer than one being added: the Rust crate sets no bound.
  const auto there = context.agent_memory.find(std::string(key));
  if (there != context.agent_memory.end()) {
    if (change.value) {
      there->second = *change.value;
    } else {
      context.agent_memory.erase(there);
    }
    return {};
  }
  TRY_OK(check_name(kMemoryKey, key));
  if (change.value) {
    context.agent_memory.emplace(key, *change.value);
    return {};
  }
  return fail(ErrorCode::NotFound, fmt::format("user {} has no memory key {}", context.pubkey.text(), key));
}

// What differs between two objects that have a schema; `prefix` is empty or ends with a dot.
template <typename Struct>
void compare_objects(const Struct& from, const Struct& to, const std::string& prefix,
                     std::vector<std::string>& paths);

void compare_unknown(const UnknownFields& from, const UnknownFields& to, const std::string& prefix,
                     std::vector<std::string>& paths) {
  const auto same_in = [](const UnknownFields& fields, const auto& entry) {
    return std::ranges::find(fields, entry) != fields.end();
  };
  const auto named_in = [](const UnknownFields& fields, std::string_view name) {
    return std::ranges::any_of(fields, [&](const auto& entry) { return entry.first == name; });
  };
  for (const auto& entry : to) {
    if (!same_in(from, entry)) paths.push_back(prefix + entry.first);
  }
  for (const auto& entry : from) {
    if (!named_in(to, entry.first)) paths.push_back(prefix + entry.first);
  }
}

void compare_memory(const std::map<std::string, JsonText>& from, const std::map<std::string, JsonText>& to,
                    const std::string& path, std::vector<std::string>& paths) {
  auto left = from.begin();
  auto right = to.begin();
  while (left != from.end() || right != to.end()) {
    if (right == to.end() || (left != from.end() && left->first < right->first)) {
      paths.push_back(path + "." + left++->first);
    } else if (left == from.end() || right->first < left->first) {
      paths.push_back(path + "." + right++->first);
    } else {
      if (left->second != right->second) paths.push_back(path + "." + left->first);
      ++left;
      ++right;
    }
  }
}

template <typename Field>
void compare_fields(const Field& from, const Field& to, std::string path, std::vector<std::string>& paths) {
  if (from == to) return;
  if constexpr (HasSchema<Field>) {
    compare_objects(from, to, path + ".", paths);
  } else if constexpr (std::is_same_v<Field, std::map<std::string, JsonText>>) {
    compare_memory(from, to, path, paths);
  } else {
    paths.push_back(std::move(path));
  }
}

template <typename Struct>
void compare_objects(const Struct& from, const Struct& to, const std::string& prefix,
                     std::vector<std::string>& paths) {
  std::apply(
      [&](const auto&... member) {
        (compare_fields(field_of(from, member), field_of(to, member), prefix + std::string(member.name),
                        paths),
         ...);
      },
      Schema<Struct>::members);
  compare_unknown(from.unknown, to.unknown, prefix, paths);
}

}  // namespace

Result<void> apply_change(Context& context, const ContextChange& change) {
  const auto [head, rest] = split(change.path);
  if (head == kMemory) return set_memory(context, rest, change);
  for (const std::string_view kept : {"pubkey", "version", "updated_at", "recent_events"}) {
    if (head == kept) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("path {}: {} is maintained by the store", change.path, kept));
    }
  }
  return set_below(context, change.path, change);
}

std::vector<std::string> changed_paths(const Context& from, const Context& to) {
  std::vector<std::string> paths;
  Context now = to;
  now.version = from.version;
  now.updated_at = from.updated_at;
  compare_objects(from, now, "", paths);
  return paths;
}

}  // namespace loopstate::store
