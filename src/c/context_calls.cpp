// fetch, fetch_many, get_or_init, push, patch, unset, push_event, remember, recall, forget.
#include <array>

#include "base/try.hpp"
#include "c/call.hpp"
#include "c/given_json.hpp"
#include "c/replies.hpp"

namespace loopstate::c {

namespace {

Result<Reply> context_reply(const Result<Context>& context) {
  if (!context) return std::unexpected(context.error());
  return Reply{to_json(*context)};
}

Result<Reply> fetch(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto options = in.read();
  TRY_OK(in.check());
  return context_reply(open.store.fetch(std::move(user), std::move(options)));
}

Result<Reply> fetch_many(OpenStore& open, Input& in) {
  const auto users = in.names_of<UserId>("users");
  auto options = in.read();
  TRY_OK(in.check());
  const auto contexts = open.store.fetch_many(users, std::move(options));
  json::Writer json;
  json.begin_array();
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    json.begin_object().key("user").string(users[i].text());
    if (contexts[i]) {
      json.key("context").raw(to_json(*contexts[i]));
    } else {
      json.key("error").raw(error_json(contexts[i].error()));
    }
    json.end_object();
  }
  json.end_array();
  return Reply{std::move(json).take()};
}

Result<Reply> get_or_init(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  InitOptions options(in.write_call());
  options.revive(in.flag("revive"));
  TRY_OK(in.check());
  return context_reply(open.store.get_or_init(std::move(user), std::move(options)));
}

Result<Reply> push(OpenStore& open, Input& in) {
  auto changed = in.document<Context>("changed", given_context);
  PushOptions options(in.write_call());
  options.base(in.optional_document<Context>("base", given_context));
  TRY_OK(in.check());
  return context_reply(open.store.push(std::move(changed), std::move(options)));
}

Result<Reply> patch(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  std::vector<ContextChange> changes;
  for (auto& one : in.objects("changes")) {
    ContextChange change{one.text("path"), one.optional_value("value")};
    one.check_members();
    changes.push_back(std::move(change));
  }
  WriteOptions options(in.write_call());
  TRY_OK(in.check());
  return context_reply(open.store.patch(std::move(user), std::move(changes), std::move(options)));
}

Result<Reply> unset(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto paths = in.texts("paths");
  WriteOptions options(in.write_call());
  TRY_OK(in.check());
  return context_reply(open.store.unset(std::move(user), std::move(paths), std::move(options)));
}

Result<Reply> push_event(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto event = in.document<ContextEvent>("event", given_event);
  WriteOptions options(in.write_call());
  TRY_OK(in.check());
  return context_reply(open.store.push_event(std::move(user), std::move(event), std::move(options)));
}

Result<Reply> remember(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto key = in.text("key");
  auto value = in.value("value");
  WriteOptions options(in.write_call());
  TRY_OK(in.check());
  return context_reply(
      open.store.remember(std::move(user), std::move(key), std::move(value), std::move(options)));
}

Result<Reply> recall(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto key = in.text("key");
  auto options = in.read();
  TRY_OK(in.check());
  TRY(const auto value, open.store.recall(std::move(user), std::move(key), std::move(options)));
  return Reply{value.text()};
}

Result<Reply> forget(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto key = in.text("key");
  WriteOptions options(in.write_call());
  TRY_OK(in.check());
  return context_reply(open.store.forget(std::move(user), std::move(key), std::move(options)));
}

}  // namespace

std::span<const Call> context_calls() {
  static constexpr std::array kCalls{Call{"fetch", fetch},
                                     Call{"fetch_many", fetch_many},
                                     Call{"get_or_init", get_or_init},
                                     Call{"push", push},
                                     Call{"patch", patch},
                                     Call{"unset", unset},
                                     Call{"push_event", push_event},
                                     Call{"remember", remember},
                                     Call{"recall", recall},
                                     Call{"forget", forget}};
  return kCalls;
}

}  // namespace loopstate::c
