// The deliveries that the demonstration sends mean what their manifest says.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "../../examples/deliveries/body_template.hpp"
#include "../../examples/deliveries/manifest.hpp"
#include "../../examples/deliveries/signed_delivery.hpp"
#include "agent/demo_secrets.hpp"
#include "support.hpp"
#include "times.hpp"
#include "webhook/age.hpp"

namespace loopstate::demo {
namespace {

using webhook::testing_support::kNowMs;

std::string file(const std::string& name) {
  std::ifstream stream(std::string(LOOPSTATE_FIXTURES) + "/../../examples/deliveries/" + name,
                       std::ios::binary);
  EXPECT_TRUE(stream) << name;
  return {std::istreambuf_iterator<char>(stream), {}};
}

webhook::WebhookSettings demo_settings() {
  auto settings = webhook::WebhookSettings::from_environment(
      agent::demo_environment([](std::string_view) -> std::optional<std::string> { return std::nullopt; }));
  EXPECT_TRUE(settings);
  return settings ? std::move(*settings) : webhook::WebhookSettings();
}

// The answers that an agent without memory of its own could give.
std::string meaning(const webhook::Checked<webhook::Event>& event) {
  if (!event) return "refused";
  if (const auto* purchase = std::get_if<webhook::Purchase>(&*event)) {
    const auto age =
        webhook::age_of(purchase->occurred_at, purchase->told_at, from_unix_seconds(kNowMs / 1000));
    return age == webhook::Age::Young ? "purchase" : "too_old";
  }
  if (std::holds_alternative<webhook::Refund>(*event)) return "refund";
  if (std::holds_alternative<webhook::CardLinked>(*event)) return "card_linked";
  return "ignored";
}

std::string meaning_expected(const Step& step, std::size_t at) {
  const auto& outcome = step.expected[at];
  if (outcome == "recorded" || outcome == "waiting_for_link") return "purchase";
  if (outcome == "refund_recorded") return "refund";
  if (outcome == "duplicate") return step.body_file.contains("refund") ? "refund" : "purchase";
  return outcome;
}

TEST(DemoDeliveries, MeanWhatTheManifestExpects) {
  const auto settings = demo_settings();
  EXPECT_TRUE(settings.notices.empty());
  const auto steps = parse_manifest(file("deliveries.tsv"));
  ASSERT_TRUE(steps) << steps.error().message;
  for (const auto& step : *steps) {
    const auto text = file("bodies/" + step.body_file);
    for (std::size_t i = 0; i < step.expected.size(); ++i) {
      const auto body = expand(text, from_unix_seconds(kNowMs / 1000), static_cast<unsigned>(i + 1));
      ASSERT_TRUE(body) << step.body_file;
      const auto signed_delivery = sign(step, *body, kNowMs, settings);
      ASSERT_TRUE(signed_delivery) << signed_delivery.error().message;
      webhook::Delivery delivery{step.provider, {}, signed_delivery->body, kNowMs};
      for (const auto& [name, value] : signed_delivery->headers) delivery.headers.add(name, value);
      const auto event = webhook::process(std::move(delivery), settings);
      EXPECT_EQ(meaning(event), meaning_expected(step, i))
          << step.title << ": " << (event ? "" : event.error().message);
    }
  }
}

TEST(DemoDeliveries, HaveFreshTimesAndNumbers) {
  EXPECT_EQ(expand("a {{iso -10}} {{unix 5}} {{n}} b", from_unix_seconds(1'795'194'260), 7),
            "a 2026-11-20T17:04:10.000Z 1795194265 07 b");
  for (const auto* text : {"{{", "{{n", "{{m}}", "{{iso}}", "{{iso x}}", "{{unix 1 2}}"}) {
    EXPECT_FALSE(expand(text, {}, 0)) << text;
  }
}

TEST(DemoManifest, NamesTheLineThatIsWrong) {
  for (const auto* line : {"square\t-\tb.json\tnow\trecorded", "clover\t-\tb.json\tnow\trecorded\tt",
                           "square\tauth\tb.json\tnow\trecorded\tt", "fidel\t-\tb.json\tnow\trecorded\tt",
                           "square\t-\tb.json\tsoon\trecorded\tt", "square\t-\tb.json\tnow\trecorded*0\tt",
                           "square\t-\tb.json\tnow\t\tt"}) {
    const auto steps = parse_manifest(std::string("# comment\n") + line);
    ASSERT_FALSE(steps) << line;
    EXPECT_TRUE(steps.error().message.contains("line 2")) << steps.error().message;
  }
}

}  // namespace
}  // namespace loopstate::demo
