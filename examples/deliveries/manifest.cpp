#include "manifest.hpp"

#include <fmt/format.h>

#include <charconv>

namespace loopstate::demo {
namespace {

constexpr std::size_t kColumns = 6;
constexpr unsigned kTimesMax = 1000;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<webhook::FidelKind> kind_from(std::string_view text) {
  if (text == "auth") return webhook::FidelKind::Auth;
  if (text == "clearing") return webhook::FidelKind::Clearing;
  if (text == "refund") return webhook::FidelKind::Refund;
  if (text == "card_linked") return webhook::FidelKind::CardLinked;
  return std::nullopt;
}

std::optional<Signing> signing_from(std::string_view text) {
  if (text == "now") return Signing::Now;
  if (text == "long-ago") return Signing::LongAgo;
  if (text == "tampered") return Signing::Tampered;
  return std::nullopt;
}

// "recorded,duplicate*2" is three outcomes.
std::optional<std::vector<std::string>> expected_from(std::string_view text) {
  std::vector<std::string> outcomes;
  for (const auto part : split(text, ',')) {
    const auto star = part.find('*');
    unsigned times = 1;
    if (star != part.npos) {
      const auto count = part.substr(star + 1);
      const auto parsed = std::from_chars(count.data(), count.data() + count.size(), times);
      if (parsed.ec != std::errc() || times == 0 || times > kTimesMax) return std::nullopt;
    }
    if (part.substr(0, star).empty()) return std::nullopt;
    outcomes.insert(outcomes.end(), times, std::string(part.substr(0, star)));
  }
  return outcomes;
}

Result<Step> parse_step(std::string_view line, std::size_t number) {
  const auto wrong = [number](std::string_view what) {
    return fail(ErrorCode::InvalidArgument, fmt::format("line {} of the manifest: {}", number, what));
  };
  const auto columns = split(line, '\t');
  if (columns.size() != kColumns) return wrong("expected six columns between tabs");
  const auto provider = webhook::provider_from(columns[0]);
  if (!provider) return wrong("the provider is not square, stripe or fidel");
  const auto kind = kind_from(columns[1]);
  if ((*provider == webhook::Provider::Fidel) != kind.has_value()) {
    return wrong("the kind is auth, clearing, refund or card_linked for fidel, and - for others");
  }
  const auto signing = signing_from(columns[3]);
  if (!signing) return wrong("the signing is not now, long-ago or tampered");
  auto expected = expected_from(columns[4]);
  if (!expected) return wrong("the expected outcomes cannot be read");
  return Step{
      *provider, kind, std::string(columns[2]), *signing, std::move(*expected), std::string(columns[5])};
}

}  // namespace

Result<std::vector<Step>> parse_manifest(std::string_view text) {
  std::vector<Step> steps;
  std::size_t number = 0;
  for (const auto line : split(text, '\n')) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    auto step = parse_step(line, number);
    if (!step) return std::unexpected(step.error());
    steps.push_back(std::move(*step));
  }
  return steps;
}

}  // namespace loopstate::demo
