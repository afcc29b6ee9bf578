// A Lambda function whose agent remembers: what one invocation learns about a user, the next one knows, in
// whatever process it runs.
//
//   {"user": "shopper-1", "key": "drink", "value": "flat white"}   learns, and returns all that is known
//   {"user": "shopper-1"}                                          returns all that is known
#include <boost/asio/awaitable.hpp>
#include <boost/json/src.hpp>
#include <loopstate/lambda.hpp>
#include <loopstate/loopstate.hpp>
#include <memory>

using namespace loopstate;
namespace json = boost::json;

namespace {

struct Event {
  UserId user;
  std::string key;  ///< empty: nothing to learn
  JsonText value;
};

/// InvalidArgument: what the caller of the function will read.
Result<Event> read_event(const std::string& text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  const json::object* const members = parsed.if_object();
  if (error || members == nullptr) return fail(ErrorCode::InvalidArgument, "the event is not a JSON object");
  const json::value* const name = members->if_contains("user");
  if (name == nullptr || !name->is_string()) return fail(ErrorCode::InvalidArgument, "the event has no user");
  auto user = UserId::parse(std::string_view(name->get_string()));
  if (!user) return std::unexpected(user.error());
  Event event{*user, "", {}};
  const json::value* const key = members->if_contains("key");
  const json::value* const value = members->if_contains("value");
  if (key != nullptr && value != nullptr && key->is_string()) {
    event.key = std::string(key->get_string());
    auto text = JsonText::parse(json::serialize(*value));
    if (!text) return std::unexpected(text.error());
    event.value = std::move(*text);
  }
  return event;
}

std::string reply_with(const Context& context) {
  std::string reply = "{";
  for (const auto& [key, value] : context.agent_memory) {
    if (reply.size() > 1) reply += ',';
    reply += json::serialize(json::value(key)) + ":" + value.text();
  }
  return reply + "}";
}

Task<Result<std::string>> remember(lambda::Invocation invocation, Store store) {
  const auto event = read_event(invocation.event);
  if (!event) co_return std::unexpected(event.error());
  // Every call below ends by then, so that this invocation can still be answered.
  const auto options = CallOptions().deadline(invocation.deadline);
  auto context = co_await store.get_or_init(event->user, options);
  if (!context || event->key.empty()) {
    if (!context) co_return std::unexpected(context.error());
    co_return reply_with(*context);
  }
  // Should Lambda deliver the event twice, the store writes once.
  auto learned =
      co_await store.remember(event->user, event->key, event->value,
                              WriteOptions(options).held(*context).request_id(invocation.request_id));
  if (!learned) co_return std::unexpected(learned.error());
  co_return reply_with(*learned);
}

/// Once in each process, before its first event.
Task<Result<lambda::Handler>> start() {
  const auto settings = Settings::from_environment(process_environment());
  if (!settings) co_return std::unexpected(settings.error());
  auto store = Store::open(*settings);
  if (!store) co_return std::unexpected(store.error());
  co_return
      [store = *store](lambda::Invocation invocation) { return remember(std::move(invocation), store); };
}

}  // namespace

int main() {
  return lambda::run(start);
}
