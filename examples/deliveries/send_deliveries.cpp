// Plays the providers: signs the deliveries of a manifest and posts them to an agent, one after the other.
#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <vector>

#include "async/run_to_end.hpp"
#include "body_template.hpp"
#include "http/client/client.hpp"
#include "json/view.hpp"
#include "manifest.hpp"
#include "signed_delivery.hpp"
#include "webhook/fingerprint.hpp"

namespace loopstate::demo {
namespace {

constexpr std::string_view kUsage =
    "usage: send_deliveries [--to URL] [MANIFEST]   sends what the manifest lists\n"
    "       send_deliveries --fingerprint CARD_ID   prints the fingerprint of a provider's card id\n"
    "\n"
    "URL is http://127.0.0.1:8080 and MANIFEST examples/deliveries/deliveries.tsv unless said otherwise. "
    "The\n"
    "secrets come from the same variables that the agent reads: see examples/deliveries/demo.env.\n";

constexpr std::chrono::seconds kAnswerTimeout{30};

struct Arguments {
  std::string url = "http://127.0.0.1:8080";
  std::filesystem::path manifest = "examples/deliveries/deliveries.tsv";
  std::optional<std::string> card_id;
};

std::optional<Arguments> parse_arguments(std::span<char*> words) {
  Arguments arguments;
  bool manifest_given = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const bool takes_value = word == "--to" || word == "--fingerprint";
    if (takes_value && i + 1 == words.size()) return std::nullopt;
    if (word == "--to") {
      arguments.url = words[++i];
    } else if (word == "--fingerprint") {
      arguments.card_id = words[++i];
    } else if (word.starts_with('-') || manifest_given) {
      return std::nullopt;
    } else {
      arguments.manifest = word;
      manifest_given = true;
    }
  }
  return arguments;
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    return fail(ErrorCode::StorageFailure, fmt::format("cannot read {}", path.string()));
  }
  return content;
}

struct Answered {
  unsigned status = 0;
  std::string outcome;
};

Task<Result<Answered>> post(http::Client* client, SignedDelivery delivery) {
  http::ClientRequest request("POST", delivery.path);
  for (const auto& [name, value] : delivery.headers) request.add(name, value);
  request.body = std::move(delivery.body);
  const auto deadline = std::chrono::steady_clock::now() + kAnswerTimeout;
  auto reply = co_await client->send(std::move(request), deadline, http::Repeat::Harmless);
  if (!reply) co_return std::unexpected(std::move(reply.error().error));
  Answered answered{reply->status, "no outcome"};
  if (const auto body = JsonText::parse(reply->body)) {
    answered.outcome = json::string_member(json::View(*body), "outcome").value_or(answered.outcome);
  }
  co_return answered;
}

struct Tally {
  unsigned sent = 0;
  unsigned unexpected = 0;
};

// "200 recorded", "200 recorded (12 times)": what came back, with equal answers combined.
void print(const Step& step, const std::vector<Answered>& answers, std::chrono::milliseconds took,
           bool good) {
  fmt::print("{:<7} {}\n", webhook::to_string(step.provider), step.title);
  for (std::size_t i = 0; i < answers.size();) {
    auto end = i;
    while (end < answers.size() && answers[end].outcome == answers[i].outcome) ++end;
    fmt::print("        -> {} {}", answers[i].status, answers[i].outcome);
    if (end - i > 1) fmt::print(", {} times", end - i);
    i = end;
    fmt::print("\n");
  }
  if (answers.size() > 3) fmt::print("           in {} ms\n", took.count());
  if (!good) fmt::print("           NOT AS EXPECTED: {}\n", fmt::join(step.expected, ", "));
}

std::int64_t unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

Task<Result<void>> send_step(http::Client* client, const webhook::WebhookSettings* settings, Step step,
                             std::string text, Tally* tally) {
  std::vector<Answered> answers;
  bool good = true;
  const auto started = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < step.expected.size(); ++i) {
    const auto now_ms = unix_ms();
    auto body = expand(text, Timestamp(std::chrono::seconds(now_ms / 1000)), static_cast<unsigned>(i + 1));
    if (!body) co_return std::unexpected(std::move(body.error()));
    auto delivery = sign(step, std::move(*body), now_ms, *settings);
    if (!delivery) co_return std::unexpected(std::move(delivery.error()));
    auto answered = co_await post(client, std::move(*delivery));
    if (!answered) co_return std::unexpected(std::move(answered.error()));
    const bool expected = answered->outcome == step.expected[i];
    good = good && expected;
    tally->unexpected += expected ? 0 : 1;
    ++tally->sent;
    answers.push_back(std::move(*answered));
  }
  const auto took = std::chrono::steady_clock::now() - started;
  print(step, answers, std::chrono::duration_cast<std::chrono::milliseconds>(took), good);
  co_return Result<void>();
}

Task<Result<Tally>> send_all(http::Client* client, const webhook::WebhookSettings* settings,
                             std::vector<Step> steps, std::filesystem::path bodies) {
  Tally tally;
  for (auto& step : steps) {
    auto text = read_file(bodies / step.body_file);
    if (!text) co_return std::unexpected(std::move(text.error()));
    auto sent = co_await send_step(client, settings, std::move(step), std::move(*text), &tally);
    if (!sent) co_return std::unexpected(std::move(sent.error()));
  }
  co_return tally;
}

Result<Tally> send(const Arguments& arguments, const webhook::WebhookSettings& settings) {
  const auto manifest = read_file(arguments.manifest);
  if (!manifest) return std::unexpected(manifest.error());
  auto steps = parse_manifest(*manifest);
  if (!steps) return std::unexpected(steps.error());
  auto endpoint = http::parse_endpoint(arguments.url, "--to");
  if (!endpoint) return std::unexpected(endpoint.error());
  const auto client = http::Client::create(std::move(*endpoint), {});
  if (!client) return std::unexpected(client.error());

  boost::asio::io_context loop;
  return async::run_to_end(loop, send_all(client->get(), &settings, std::move(*steps),
                                          arguments.manifest.parent_path() / "bodies"));
}

int fail_with(const Error& error) {
  fmt::print(stderr, "error: {}\n", error.message);
  return 1;
}

int run(std::span<char*> words) {
  auto arguments = parse_arguments(words);
  if (!arguments) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  const auto settings = webhook::WebhookSettings::from_environment(process_environment());
  if (!settings) return fail_with(settings.error());
  if (arguments->card_id) {
    if (settings->pepper.empty()) {
      return fail_with({ErrorCode::InvalidArgument, "LOOPSTATE_PEPPER is not set", false, nullptr});
    }
    crypto::Secret card_id(std::move(*arguments->card_id));
    fmt::print("{}\n", webhook::card_fingerprint(std::move(card_id), settings->pepper).text());
    return 0;
  }
  const auto tally = send(*arguments, *settings);
  if (!tally) return fail_with(tally.error());
  fmt::print("{} deliveries sent, {} with an unexpected answer\n", tally->sent, tally->unexpected);
  return tally->unexpected == 0 ? 0 : 1;
}

}  // namespace
}  // namespace loopstate::demo

int main(int count, char** words) {
  return loopstate::demo::run(std::span(words, static_cast<std::size_t>(count)).subspan(1));
}
