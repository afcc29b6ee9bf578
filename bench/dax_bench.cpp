// What a cached GetItem on a DAX cluster costs the client: CPU and latency compared to a bare socket that
// exchanges the same bytes.
//
//   dax_bench [CALLS]        prints one JSON line for each measurement
//   dax_bench serve          prints the port of a node for other clients (dax_peers), until its input ends
#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/timestamp.hpp"
#include "dax/cbor_writer.hpp"
#include "dax/item.hpp"
#include "dax/open_dax.hpp"
#include "dax/requests.hpp"
#include "measure.hpp"
#include "replaying_server.hpp"

namespace loopstate::bench {
namespace {

constexpr dax::ListId kList{7};

std::string method_bytes(dax::Method method) {
  std::string out;
  dax::append_call(out, method);
  return out;
}

std::string item_reply() {
  std::string out = "\x80\xa1";
  dax::cbor::append_integer(out, 0);
  dax::append_attributes(out, kList, context_item().attributes);
  return out;
}

std::string names_reply() {
  const dax::AttributeNames names = dax::names_of(context_item().attributes);
  std::string out = "\x80";
  dax::cbor::append_array(out, names.size());
  for (const std::string& name : names) dax::cbor::append_text(out, name);
  return out;
}

std::string keys_reply() {
  std::string out = "\x80\xa2";
  for (const std::string_view text : {"pk", "S", "sk", "S"}) dax::cbor::append_text(out, text);
  return out;
}

/// One node, the leader.
std::string nodes_reply(std::uint16_t port) {
  std::string out = "\x80\x81\xa7";
  const auto number = [&](std::int64_t key, std::int64_t value) {
    dax::cbor::append_integer(out, key);
    dax::cbor::append_integer(out, value);
  };
  number(0, 1);
  dax::cbor::append_integer(out, 1);
  dax::cbor::append_text(out, "localhost");
  dax::cbor::append_integer(out, 2);
  dax::cbor::append_bytes(out, std::string("\x7f\0\0\1", 4));
  number(3, port);
  number(4, 1);
  dax::cbor::append_integer(out, 5);
  dax::cbor::append_text(out, "zone");
  number(6, 1);
  return out;
}

/// A client has one call open, so what arrives is one call, or a greeting and one. `item`: the reply to a
/// read; empty: none.
ReplayingServer::Answer answers(std::uint16_t port, std::string item) {
  return [get = method_bytes(dax::Method::GetItem), list = method_bytes(dax::Method::DefineAttributeList),
          keys = method_bytes(dax::Method::DefineKeySchema), nodes = method_bytes(dax::Method::Endpoints),
          item = std::move(item), port](std::string& text) {
    std::string out;
    if (text.find(get) != std::string::npos) {
      out = item;
    } else if (text.find(list) != std::string::npos) {
      out = names_reply();
    } else if (text.find(keys) != std::string::npos) {
      out = keys_reply();
    } else if (text.find(nodes) != std::string::npos) {
      out = nodes_reply(port);
    }
    if (!out.empty()) text.clear();
    return out;
  };
}

std::shared_ptr<table::Table> open_table(std::uint16_t port) {
  dax::OpenOptions options;
  options.endpoint = fmt::format("dax://127.0.0.1:{}", port);
  options.table = "loopstate";
  const Environment environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "AWS_ACCESS_KEY_ID") return "AKIDEXAMPLE";
    if (name == "AWS_SECRET_ACCESS_KEY") return "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    if (name == "AWS_REGION") return "us-east-1";
    if (name == "AWS_CONFIG_FILE" || name == "AWS_SHARED_CREDENTIALS_FILE") return "/dev/null";
    return std::nullopt;
  };
  return dax::open_dax(std::move(options), environment).value();
}

Task<bool> get_context(std::shared_ptr<table::Table> table) {
  table::Key key{"USER#user-000001", "CONTEXT"};
  table::Call call{from_unix_seconds(1'700'000'000), steady_clock::now() + std::chrono::seconds(10)};
  const auto item = co_await table->get(std::move(key), call);
  co_return item && item->has_value();
}

int serve() {
  const ReplayingServer node([](std::uint16_t port) { return answers(port, item_reply()); });
  fmt::print("{}\n", node.port());
  std::fflush(stdout);
  while (std::getchar() != EOF) continue;
  return 0;
}

int main_of(std::size_t calls) {
  // The node reports its own port, which is known once it listens.
  const ReplayingServer node([](std::uint16_t port) { return answers(port, item_reply()); });
  const ReplayingServer silent([](std::uint16_t port) { return answers(port, ""); });
  const std::string request =
      dax::get_item_call("loopstate", {"USER#user-000001", "CONTEXT"}, dax::Consistency::MayBeStale);
  const std::string reply = item_reply();
  print("bare socket", 1, measure(calls, [&](std::size_t count, std::vector<double>& took) {
          bare_socket(node.port(), request, reply.size(), count, took);
        }));
  const auto table = open_table(node.port());
  for (const std::size_t concurrency : {1, 8, 64}) {
    print("table get", concurrency,
          measure(calls, runner(concurrency, [table] { return get_context(table); })));
  }
  print_overrun(open_table(silent.port()));
  return 0;
}

}  // namespace
}  // namespace loopstate::bench

int main(int count, char** arguments) {
  if (count > 1 && std::string_view(arguments[1]) == "serve") return loopstate::bench::serve();
  return loopstate::bench::main_of(count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 50'000);
}
