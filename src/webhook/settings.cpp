#include "webhook/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/try.hpp"
#include "crypto/base64.hpp"
#include "crypto/equal.hpp"
#include "webhook/secret_variable.hpp"

namespace loopstate::webhook {
namespace {

constexpr std::size_t kPepperBytesMin = 32;

struct FidelVariable {
  FidelKind kind;
  std::string_view name;
  std::string_view events;
};

constexpr std::array<FidelVariable, 4> kFidelVariables = {{
    {FidelKind::Auth, "FIDEL_WEBHOOK_SECRET_AUTH", "authorisations"},
    {FidelKind::Clearing, "FIDEL_WEBHOOK_SECRET_CLEARING", "clearings"},
    {FidelKind::Refund, "FIDEL_WEBHOOK_SECRET_REFUND", "refunds"},
    {FidelKind::CardLinked, "FIDEL_WEBHOOK_SECRET_CARD_LINKED", "linked cards"},
}};

// A list as it was read: either usable, or with the reason why not.
struct List {
  std::vector<crypto::Secret> elements;
  std::string unusable;  // "X is not set"
};

Result<List> read_list(const Environment& environment, std::string_view name) {
  TRY(const auto text, secret_variable(environment, name));
  List list;
  if (!text) {
    list.unusable = fmt::format("{} is not set", name);
    return list;
  }
  list.elements = split_list(*text);
  if (std::ranges::any_of(list.elements, &crypto::Secret::empty)) {
    list.elements.clear();
    list.unusable = fmt::format("{} has an empty element, and an empty key would let anyone sign", name);
  }
  return list;
}

// Neither list is empty.
Result<std::vector<UrlSecret>> pair_up(std::string_view name, const List& secrets, std::string_view url_name,
                                       const List& urls) {
  const auto count = std::max(secrets.elements.size(), urls.elements.size());
  const auto fits = [count](const List& list) {
    return list.elements.size() == count || list.elements.size() == 1;
  };
  if (!fits(secrets) || !fits(urls)) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{} has {} elements and {} has {}; expected the same number, in the same order, or one",
                    name, secrets.elements.size(), url_name, urls.elements.size()));
  }
  std::vector<UrlSecret> pairs;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& secret = secrets.elements[std::min(i, secrets.elements.size() - 1)];
    const auto& url = urls.elements[std::min(i, urls.elements.size() - 1)];
    pairs.push_back({secret.clone(), std::string(url.reveal())});
  }
  return pairs;
}

Result<void> read_stripe(const Environment& environment, WebhookSettings& settings) {
  TRY(auto secrets, read_list(environment, "STRIPE_WEBHOOK_SECRET"));
  settings.stripe = std::move(secrets.elements);
  if (settings.stripe.empty()) {
    settings.notices.push_back(fmt::format("stripe is switched off: {}", secrets.unusable));
  }
  return {};
}

Result<void> read_square(const Environment& environment, WebhookSettings& settings) {
  constexpr std::string_view name = "SQUARE_WEBHOOK_SIGNATURE_KEY";
  constexpr std::string_view url_name = "SQUARE_WEBHOOK_URL";
  TRY(const auto keys, read_list(environment, name));
  TRY(const auto urls, read_list(environment, url_name));
  for (const auto* list : {&keys, &urls}) {
    if (!list->elements.empty()) continue;
    settings.notices.push_back(fmt::format("square is switched off: {}", list->unusable));
    return {};
  }
  TRY(auto pairs, pair_up(name, keys, url_name, urls));
  settings.square = std::move(pairs);
  return {};
}

// The secret that verifies identifies the kind of event, so no two kinds may share one.
Result<void> check_kinds_differ(const std::vector<FidelSecret>& secrets) {
  const auto name_of = [](FidelKind kind) {
    return std::ranges::find(kFidelVariables, kind, &FidelVariable::kind)->name;
  };
  for (const auto& one : secrets) {
    for (const auto& other : secrets) {
      if (one.kind == other.kind) continue;
      if (!crypto::constant_time_equal(one.key.secret.reveal(), other.key.secret.reveal())) continue;
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format("{} and {} hold the same secret; it could not tell the two kinds of events apart",
                      name_of(one.kind), name_of(other.kind)));
    }
  }
  return {};
}

Result<void> read_fidel(const Environment& environment, WebhookSettings& settings) {
  constexpr std::string_view url_name = "FIDEL_WEBHOOK_URL";
  TRY(const auto urls, read_list(environment, url_name));
  std::vector<std::string> off;
  for (const auto& [kind, name, events] : kFidelVariables) {
    TRY(const auto secrets, read_list(environment, name));
    if (secrets.elements.empty()) {
      off.push_back(fmt::format("fidel's {} are switched off: {}", events, secrets.unusable));
      continue;
    }
    if (urls.elements.empty()) continue;
    TRY(auto pairs, pair_up(name, secrets, url_name, urls));
    for (auto& pair : pairs) settings.fidel.push_back({kind, std::move(pair)});
  }
  if (off.size() == kFidelVariables.size()) {
    settings.notices.emplace_back("fidel is switched off: no FIDEL_WEBHOOK_SECRET_... is usable");
  } else if (urls.elements.empty()) {
    settings.notices.push_back(fmt::format("fidel is switched off: {}", urls.unusable));
    return {};
  }
  // Everything that was never set up is one line; a list with a gap in it is worth its own.
  for (auto& notice : off) {
    if (off.size() < kFidelVariables.size() || notice.contains("empty element")) {
      settings.notices.push_back(std::move(notice));
    }
  }
  return check_kinds_differ(settings.fidel);
}

Result<crypto::Secret> decode_pepper(std::string_view source, const crypto::Secret& text) {
  auto bytes = crypto::base64_decode(trim(text.reveal()));
  if (!bytes)
    return fail(ErrorCode::InvalidArgument, fmt::format("{} is not base64 (padded, one line)", source));
  crypto::Secret pepper(std::move(*bytes));
  if (pepper.size() >= kPepperBytesMin) return pepper;
  return fail(ErrorCode::InvalidArgument,
              fmt::format("{} has {} bytes; expected {} or more", source, pepper.size(), kPepperBytesMin));
}

Result<void> read_pepper(const Environment& environment, WebhookSettings& settings,
                         std::optional<crypto::Secret> given) {
  std::string_view source = "the pepper that was given";
  if (!given) {
    source = "LOOPSTATE_PEPPER";
    TRY(auto text, secret_variable(environment, source));
    given = std::move(text);
  }
  if (!given) {
    settings.notices.emplace_back(
        "all providers are switched off: LOOPSTATE_PEPPER is not set, and without it no card can be "
        "recognised");
    return {};
  }
  TRY(auto pepper, decode_pepper(source, *given));
  settings.pepper = std::move(pepper);
  return {};
}

Result<void> read_previous_pepper(const Environment& environment, WebhookSettings& settings) {
  constexpr std::string_view name = "LOOPSTATE_PREVIOUS_PEPPER";
  TRY(const auto text, secret_variable(environment, name));
  if (!text) return {};
  if (settings.pepper.empty()) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{} is set and LOOPSTATE_PEPPER is not; the pepper in use is LOOPSTATE_PEPPER, and "
                    "the one that it replaces {}",
                    name, name));
  }
  TRY(auto previous, decode_pepper(name, *text));
  if (crypto::constant_time_equal(previous.reveal(), settings.pepper.reveal())) {
    settings.notices.push_back(fmt::format("{} is the same as LOOPSTATE_PEPPER and has no effect", name));
    return {};
  }
  settings.previous_pepper = std::move(previous);
  return {};
}

Result<void> read_test_payments(const Environment& environment, WebhookSettings& settings) {
  constexpr std::string_view name = "LOOPSTATE_ACCEPT_TEST_PAYMENTS";
  const auto value = environment(name);
  const auto text = trim(value ? std::string_view(*value) : std::string_view());
  if (text.empty() || text == "0") return {};
  if (text != "1") {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} is neither 0 nor 1", name));
  }
  settings.test_payments = TestPayments::Accept;
  settings.notices.push_back(
      fmt::format("{} is set: payments from test modes and sandboxes count as money", name));
  return {};
}

}  // namespace

bool WebhookSettings::is_on(Provider provider) const noexcept {
  if (pepper.empty()) return false;
  switch (provider) {
    case Provider::Square:
      return !square.empty();
    case Provider::Stripe:
      return !stripe.empty();
    case Provider::Fidel:
      return !fidel.empty();
  }
  return false;
}

bool WebhookSettings::any_on() const noexcept {
  return std::ranges::any_of(kProviders, [this](Provider provider) { return is_on(provider); });
}

Result<WebhookSettings> WebhookSettings::from_environment(const Environment& environment,
                                                          std::optional<crypto::Secret> pepper) {
  WebhookSettings settings;
  TRY_OK(read_pepper(environment, settings, std::move(pepper)));
  for (const auto read : {read_previous_pepper, read_square, read_stripe, read_fidel, read_test_payments}) {
    TRY_OK(read(environment, settings));
  }
  return settings;
}

}  // namespace loopstate::webhook
