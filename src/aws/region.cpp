#include "aws/region.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace loopstate::aws {
namespace {

constexpr std::size_t kMaxRegionChars = 63;

struct Partition {
  std::string_view prefix;
  std::string_view suffix;
  std::string_view dual_stack_suffix;
};

constexpr Partition kPartitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
};
constexpr Partition kCommon{"", "amazonaws.com", "api.aws"};

const Partition& partition_of(std::string_view region) {
  const auto found =
      std::ranges::find_if(kPartitions, [&](const auto& p) { return region.starts_with(p.prefix); });
  return found == std::end(kPartitions) ? kCommon : *found;
}

std::optional<std::string> profile_setting(const Environment& environment, const SharedFiles& files,
                                           std::string_view name) {
  const auto profile = files.profile(profile_name(environment));
  if (!profile) return std::nullopt;
  const auto found = profile->find(name);
  if (found == profile->end() || found->second.empty()) return std::nullopt;
  return found->second;
}

// A setting that the environment or the profile may turn on.
bool is_on(const Environment& environment, const SharedFiles& files, std::string_view name,
           std::string_view setting) {
  auto value = variable(environment, name);
  if (!value) value = profile_setting(environment, files, setting);
  return value && (*value == "true" || *value == "TRUE" || *value == "True" || *value == "1");
}

std::string upper(std::string_view text) {
  std::string raised(text);
  for (auto& c : raised) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c == '-' ? '_' : c);
  return raised;
}

std::optional<ServiceEndpoint> configured(const Environment& environment, const SharedFiles& files,
                                          std::string_view service) {
  if (is_on(environment, files, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")) {
    return std::nullopt;
  }
  for (const auto& name : {"AWS_ENDPOINT_URL_" + upper(service), std::string("AWS_ENDPOINT_URL")}) {
    if (auto url = variable(environment, name)) return ServiceEndpoint{std::move(*url), name};
  }
  if (const auto services = profile_setting(environment, files, "services")) {
    if (const auto* section = files.services(*services)) {
      const auto found = section->find(fmt::format("{}.endpoint_url", service));
      if (found != section->end())
        return ServiceEndpoint{found->second, fmt::format("services {}", *services)};
    }
  }
  if (auto url = profile_setting(environment, files, "endpoint_url")) {
    return ServiceEndpoint{std::move(*url), fmt::format("profile {}", profile_name(environment))};
  }
  return std::nullopt;
}

// The name in variables and `services` sections, if it differs from the host's.
std::string_view service_id(std::string_view service) {
  return service == "secretsmanager" ? "secrets_manager" : service;
}

}  // namespace

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRegionChars && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(
             text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

Result<std::string> find_region(const Environment& environment, const SharedFiles& files) {
  std::optional<std::string> region;
  for (const std::string_view name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (!region) region = variable(environment, name);
  }
  if (!region) region = profile_setting(environment, files, "region");
  if (!region) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("no Region: set AWS_REGION, or `region` in profile {}", profile_name(environment)));
  }
  if (is_region(*region)) return *region;
  return fail(ErrorCode::InvalidArgument,
              "the Region may contain only lower-case letters, digits and hyphens, as in \"eu-west-1\"");
}

ServiceEndpoint find_endpoint(const Environment& environment, const SharedFiles& files,
                              std::string_view service, const std::string& region) {
  if (auto found = configured(environment, files, service_id(service))) return std::move(*found);
  const auto& partition = partition_of(region);
  const bool fips = is_on(environment, files, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
  const bool dual_stack = is_on(environment, files, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
  return ServiceEndpoint{fmt::format("https://{}{}.{}.{}", service, fips ? "-fips" : "", region,
                                     dual_stack ? partition.dual_stack_suffix : partition.suffix),
                         "the Region"};
}

Result<ServiceEndpoint> find_dynamodb_endpoint(const Environment& environment, const SharedFiles& files,
                                               const std::string& region) {
  auto plain = find_endpoint(environment, files, "dynamodb", region);
  auto mode = variable(environment, "AWS_ACCOUNT_ID_ENDPOINT_MODE");
  if (!mode) mode = profile_setting(environment, files, "account_id_endpoint_mode");
  const bool possible = plain.source == "the Region" && &partition_of(region) == &kCommon &&
                        region != "local" &&
                        !is_on(environment, files, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint") &&
                        !is_on(environment, files, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
  if (!possible || (mode && *mode == "disabled")) return plain;
  auto account = variable(environment, "AWS_ACCOUNT_ID");
  if (!account) account = profile_setting(environment, files, "aws_account_id");
  const bool known = account && account->size() == 12 &&
                     std::ranges::all_of(*account, [](char c) { return c >= '0' && c <= '9'; });
  if (known) {
    return ServiceEndpoint{fmt::format("https://{}.ddb.{}.{}", *account, region, kCommon.suffix),
                           "the account"};
  }
  if (mode && *mode == "required") {
    return fail(
        ErrorCode::InvalidArgument,
        "AWS_ACCOUNT_ID_ENDPOINT_MODE is \"required\", but the account is not known: set AWS_ACCOUNT_ID");
  }
  return plain;
}

}  // namespace loopstate::aws
