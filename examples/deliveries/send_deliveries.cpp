// Plays the providers: signs the deliveries of a manifest and posts them to an agent, one after the other.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <optional>
#include <span>
#include <vector>

#include "agent/demo_secrets.hpp"
#include "async/run_to_end.hpp"
#include "base/try.hpp"
#include "base/wall_clock.hpp"
#include "body_template.hpp"
#include "manifest.hpp"
#include "one_delivery.hpp"
#include "post.hpp"
#include "read_file.hpp"
#include "signed_delivery.hpp"
#include "webhook/fingerprint.hpp"

namespace loopstate::demo {
namespace {

constexpr std::string_view kUsage =
    "usage: send_deliveries [--to URL] [MANIFEST]   sends what the manifest lists\n"
    "       send_deliveries [--to URL] --one BODY [--kill PROCESS --after MICROSECONDS]\n"
    "                                               sends one delivery of Square, once, and kills a process "
    "meanwhile\n"
    "       send_deliveries --fingerprint CARD_ID   prints the fingerprint of a provider's card id\n"
    "\n"
    "URL is http://127.0.0.1:8080 unless said otherwise, and MANIFEST the examples/deliveries/deliveries.tsv "
    "of the\n"
    "sources. It signs with the secrets of 'loopstate agent --demo', or with those in the variables that the "
    "agent reads,\n"
    "if any of them is set.\n";

struct Arguments {
  std::string url = "http://127.0.0.1:8080";
  std::filesystem::path manifest = LOOPSTATE_DELIVERIES "/deliveries.tsv";
  std::optional<std::string> card_id;
  std::optional<std::filesystem::path> one;
  std::optional<Kill> kill;
};

/// Digits only; nothing if it is something else.
std::optional<long> number_in(std::string_view text) {
  long value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

bool set_kill(Arguments& arguments, std::string_view name, std::string_view text) {
  const auto value = number_in(text);
  // kill(0, ...) and kill(1, ...) would reach others than an agent.
  if (!value || (name == "--kill" && *value < 2)) return false;
  if (!arguments.kill) arguments.kill.emplace();
  if (name == "--kill") arguments.kill->process = static_cast<pid_t>(*value);
  if (name == "--after") arguments.kill->after = std::chrono::microseconds(*value);
  return true;
}

std::optional<Arguments> parse_arguments(std::span<char*> words) {
  Arguments arguments;
  bool manifest_given = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    constexpr std::string_view kTakingValues[] = {"--to", "--fingerprint", "--one", "--kill", "--after"};
    const bool takes_value = std::ranges::find(kTakingValues, word) != std::end(kTakingValues);
    if (takes_value && i + 1 == words.size()) return std::nullopt;
    if (word == "--one") {
      arguments.one = words[++i];
    } else if (word == "--kill" || word == "--after") {
      if (!set_kill(arguments, word, words[++i])) return std::nullopt;
    } else if (word == "--to") {
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
  const bool half_a_kill = arguments.kill && (arguments.kill->process == 0 || !arguments.one);
  if (half_a_kill) return std::nullopt;
  return arguments;
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

Task<Result<void>> send_step(http::Client* client, const webhook::WebhookSettings* settings, Step step,
                             std::string text, Tally* tally) {
  std::vector<Answered> answers;
  bool good = true;
  const auto started = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < step.expected.size(); ++i) {
    const auto now_ms = wall_clock_ms();
    auto body = expand(text, Timestamp(std::chrono::seconds(now_ms / 1000)), static_cast<unsigned>(i + 1));
    if (!body) co_return std::unexpected(std::move(body.error()));
    auto delivery = sign(step, std::move(*body), now_ms, *settings);
    if (!delivery) co_return std::unexpected(std::move(delivery.error()));
    auto answered = co_await post(client, std::move(*delivery), http::Repeat::Harmless);
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
  CO_TRY_OK(co_await wait_for_agent(client));
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

// "recorded 200 2140": outcome, status, microseconds; "none 0 870" without an answer.
Result<std::string> send_one(const Arguments& arguments, const webhook::WebhookSettings& settings) {
  TRY(auto endpoint, http::parse_endpoint(arguments.url, "--to"));
  TRY(const auto client, http::Client::create(std::move(endpoint), {}));
  boost::asio::io_context loop;
  TRY(const auto done,
      async::run_to_end(loop, deliver_one(client.get(), &settings, *arguments.one, arguments.kill)));
  if (!done.answered) return fmt::format("none 0 {}", done.took.count());
  return fmt::format("{} {} {}", done.answered->outcome, done.answered->status, done.took.count());
}

// The agent's own variables, or its secrets for trying out if none of them is set.
Result<webhook::WebhookSettings> settings_to_sign_with() {
  const auto environment = process_environment();
  const bool any_set = std::ranges::any_of(agent::kDemoVariables, [&](const agent::DemoVariable& variable) {
    return environment(variable.name) || environment(std::string(variable.name) + "_FILE");
  });
  return webhook::WebhookSettings::from_environment(any_set ? environment
                                                            : agent::demo_environment(environment));
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
  const auto settings = settings_to_sign_with();
  if (!settings) return fail_with(settings.error());
  if (arguments->card_id) {
    if (settings->pepper.empty()) {
      return fail_with({ErrorCode::InvalidArgument, "LOOPSTATE_PEPPER is not set", false, nullptr});
    }
    crypto::Secret card_id(std::move(*arguments->card_id));
    fmt::print("{}\n", webhook::card_fingerprint(std::move(card_id), settings->pepper).text());
    return 0;
  }
  if (arguments->one) {
    const auto line = send_one(*arguments, *settings);
    if (!line) return fail_with(line.error());
    fmt::print("{}\n", *line);
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
