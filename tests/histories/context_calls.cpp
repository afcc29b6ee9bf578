// Contexts: versions, paths, events and memory, with contexts held that may be old.
#include <fmt/format.h>

#include <map>
#include <mutex>

#include "base/json_text_access.hpp"
#include "histories/calls.hpp"
#include "histories/context_summary.hpp"

namespace loopstate::histories {
namespace {

class ContextCalls final : public Calls {
 public:
  explicit ContextCalls(const Scale& scale) : users_(scale.keys) {}

  Invocation next(Random& random, int /*client*/, std::uint64_t unique) override {
    const std::string user = fmt::format("user{}", pick(random, static_cast<std::uint64_t>(users_)));
    const auto held = chance(random, 0.5) ? last_seen(user) : std::nullopt;
    const std::string key(1, static_cast<char>('a' + pick(random, 2)));
    switch (pick(random, 12)) {
      case 0:
        return with_context("get_or_init", user, "{}", {}, [=](BlockingStore& store, CallOptions options) {
          return store.get_or_init(name_of<UserId>(user), std::move(options));
        });
      case 1:
      case 2:
        if (const auto base = last_seen(user)) return push(user, *base, unique);
        [[fallthrough]];
      case 3: {
        auto fetch = with_context("fetch", user, "{}", {}, [=](BlockingStore& store, CallOptions options) {
          return store.fetch(name_of<UserId>(user), std::move(options));
        });
        fetch.reads = true;
        return fetch;
      }
      case 4:
      case 5:
        return patch(user, pick(random, 3), held, unique);
      case 6:
      case 7:
        return push_event(user, held, unique);
      case 8:
        return remember(user, key, held, unique);
      case 9:
        return forget(user, key, held);
      case 10:
        return recall(user, key);
      default:
        return with_context("update", user, "{}", {}, [=](BlockingStore& store, CallOptions options) {
          return store.update(
              name_of<UserId>(user),
              [](Context& context) {
                ++context.vault.oxo_balance;
                return Result<void>();
              },
              std::move(options));
        });
    }
  }

 private:
  using MakeCall = std::function<Result<Context>(BlockingStore&, CallOptions)>;

  /// A call that returns the context, which the next ones hold.
  Invocation with_context(std::string call, const std::string& user, std::string args,
                          const std::optional<Context>& held, MakeCall make) {
    return {{std::move(call), user, std::move(args), held ? summary(*held) : "", {}},
            [this, user, make = std::move(make)](BlockingStore& store, CallOptions options) -> Answer {
              auto context = make(store, std::move(options));
              if (!context) return std::unexpected(std::move(context.error()));
              const std::lock_guard lock(mutex_);
              seen_.insert_or_assign(user, *context);
              return summary(*context);
            }};
  }

  Invocation push(const std::string& user, const Context& base, std::uint64_t unique) {
    Context changed = base;
    changed.vault.cred_balance = unique;
    return with_context("push", user, fmt::format(R"({{"version":{},"cred":{}}})", base.version, unique), {},
                        [=](BlockingStore& store, CallOptions options) {
                          return store.push(changed, PushOptions(std::move(options)).base(base));
                        });
  }

  Invocation patch(const std::string& user, std::uint64_t which, const std::optional<Context>& held,
                   std::uint64_t unique) {
    std::vector<ContextChange> changes;
    std::string args;
    const JsonText value = trusted_json(std::to_string(unique));
    if (which != 1) {
      changes.push_back({"vault.cred_balance", value});
      args += fmt::format(R"("cred":{})", unique);
    }
    if (which != 0) {
      changes.push_back({"preferences.compound_threshold", value});
      args += fmt::format(R"({}"threshold":{})", args.empty() ? "" : ",", unique);
    }
    return with_context(
        "patch", user, "{" + args + "}", held, [=](BlockingStore& store, CallOptions options) {
          return store.patch(name_of<UserId>(user), changes, WriteOptions(std::move(options)).held(held));
        });
  }

  Invocation push_event(const std::string& user, const std::optional<Context>& held, std::uint64_t unique) {
    ContextEvent event;
    event.event_type = "test";
    event.summary = fmt::format("e{}", unique);
    return with_context("push_event", user, fmt::format(R"({{"event":"e{}"}})", unique), held,
                        [=](BlockingStore& store, CallOptions options) {
                          return store.push_event(name_of<UserId>(user), event,
                                                  WriteOptions(std::move(options)).held(held));
                        });
  }

  Invocation remember(const std::string& user, const std::string& key, const std::optional<Context>& held,
                      std::uint64_t unique) {
    return with_context("remember", user, fmt::format(R"({{"name":"{}","value":{}}})", key, unique), held,
                        [=](BlockingStore& store, CallOptions options) {
                          return store.remember(name_of<UserId>(user), key,
                                                trusted_json(std::to_string(unique)),
                                                WriteOptions(std::move(options)).held(held));
                        });
  }

  Invocation forget(const std::string& user, const std::string& key, const std::optional<Context>& held) {
    return with_context("forget", user, fmt::format(R"({{"name":"{}"}})", key), held,
                        [=](BlockingStore& store, CallOptions options) {
                          return store.forget(name_of<UserId>(user), key,
                                              WriteOptions(std::move(options)).held(held));
                        });
  }

  static Invocation recall(const std::string& user, const std::string& key) {
    return {{"recall", user, fmt::format(R"({{"name":"{}"}})", key), "", {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<JsonText>(store.recall(name_of<UserId>(user), key, std::move(options)),
                                               [](const JsonText& value) { return value.text(); });
            },
            true};
  }

  std::optional<Context> last_seen(const std::string& user) {
    const std::lock_guard lock(mutex_);
    const auto found = seen_.find(user);
    return found == seen_.end() ? std::nullopt : std::optional(found->second);
  }

  int users_;
  std::mutex mutex_;
  std::map<std::string, Context> seen_;
};

}  // namespace

std::unique_ptr<Calls> make_context_calls(const Scale& scale) {
  return std::make_unique<ContextCalls>(scale);
}

}  // namespace loopstate::histories
