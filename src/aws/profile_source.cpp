#include "aws/profile_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "aws/metadata.hpp"
#include "aws/process_source.hpp"
#include "aws/region.hpp"
#include "aws/sso_source.hpp"
#include "aws/sts.hpp"
#include "base/try.hpp"

namespace loopstate::aws {
namespace {

// Roles may be based on roles, but not endlessly.
constexpr std::size_t kMaxRoles = 8;

std::string setting(const Section& section, std::string_view name) {
  const auto found = section.find(name);
  return found == section.end() ? std::string() : found->second;
}

std::unexpected<Error> wrong(const std::string& profile, std::string_view what) {
  return fail(ErrorCode::InvalidArgument, fmt::format("profile {} {}", profile, what));
}

class ProfileReader {
 public:
  ProfileReader(const Surroundings& surroundings, const SharedFiles& files)
      : surroundings_(surroundings), files_(files) {}

  Result<CredentialSourcePtr> read(const std::string& name) {
    const auto section = files_.profile(name);
    if (!section) return wrong(name, "is in none of the shared files");
    const bool seen = std::ranges::find(visited_, name) != visited_.end();
    // A role may take the keys of its own profile as its base; any other way back is a cycle.
    if (seen && (visited_.back() != name || !has_keys(*section)))
      return wrong(name, "is part of a cycle of roles");
    if (visited_.size() >= kMaxRoles) return wrong(name, "depends on too long a chain of roles");
    visited_.push_back(name);
    if (!seen && section->contains("role_arn")) return role(name, *section);
    if (has_keys(*section)) return keys(name, *section);
    if (section->contains("sso_account_id")) return sso(name, *section);
    if (section->contains("credential_process")) {
      return make_process_source(setting(*section, "credential_process"), label(name));
    }
    return CredentialSourcePtr();
  }

 private:
  static bool has_keys(const Section& section) { return section.contains("aws_access_key_id"); }
  static std::string label(const std::string& name) { return fmt::format("profile {}", name); }

  static Result<CredentialSourcePtr> keys(const std::string& name, const Section& section) {
    auto credentials = std::make_shared<Credentials>();
    credentials->access_key_id = setting(section, "aws_access_key_id");
    credentials->secret_access_key = crypto::Secret(setting(section, "aws_secret_access_key"));
    credentials->session_token = setting(section, "aws_session_token");
    credentials->account_id = setting(section, "aws_account_id");
    credentials->source = label(name);
    if (credentials->access_key_id.empty() || credentials->secret_access_key.empty()) {
      return wrong(name,
                   "has only half of a key: both aws_access_key_id and aws_secret_access_key are needed");
    }
    return make_static_source(std::move(credentials));
  }

  Result<CredentialSourcePtr> sso(const std::string& name, const Section& section) {
    SsoRole role;
    role.account_id = setting(section, "sso_account_id");
    role.role_name = setting(section, "sso_role_name");
    role.source = label(name);
    const auto session = setting(section, "sso_session");
    const Section* place = session.empty() ? &section : files_.sso_session(session);
    if (place == nullptr)
      return wrong(name, fmt::format("names the sso-session {}, which does not exist", session));
    role.cache_key = session.empty() ? setting(*place, "sso_start_url") : session;
    role.region = setting(*place, "sso_region");
    if (role.region.empty() || role.role_name.empty() || role.cache_key.empty()) {
      return wrong(name, "lacks one of sso_region, sso_role_name and sso_start_url (or sso_session)");
    }
    return make_sso_source(surroundings_, std::move(role));
  }

  Result<CredentialSourcePtr> role(const std::string& name, const Section& section) {
    TRY(auto region, find_region(surroundings_.environment, files_));
    RoleToAssume role;
    role.role_arn = setting(section, "role_arn");
    role.session_name = setting(section, "role_session_name");
    role.external_id = setting(section, "external_id");
    role.duration_seconds = setting(section, "duration_seconds");
    role.endpoint_url = find_endpoint(surroundings_.environment, files_, "sts", region).url;
    role.region = std::move(region);
    role.source = label(name);
    if (section.contains("mfa_serial"))
      return wrong(name, "asks for a second factor, which a program cannot provide");
    if (const auto token = setting(section, "web_identity_token_file"); !token.empty()) {
      return make_web_identity_source(surroundings_, std::move(role), token);
    }
    auto base = role_base(name, section);
    if (!base) return base;
    return make_assume_role_source(surroundings_, std::move(role), std::move(*base));
  }

  Result<CredentialSourcePtr> role_base(const std::string& name, const Section& section) {
    if (const auto other = setting(section, "source_profile"); !other.empty()) {
      auto base = read(other);
      if (base && !*base)
        return wrong(other, fmt::format("has no credentials for profile {} to build on", name));
      return base;
    }
    const auto place = setting(section, "credential_source");
    if (place == "Environment") return environment_keys(name);
    if (place == "Ec2InstanceMetadata") return make_instance_source(surroundings_);
    if (place == "EcsContainer") {
      auto container = make_container_source(surroundings_);
      if (container && !*container)
        return wrong(name, "asks for a container's credentials, but this is not a container");
      return container;
    }
    return wrong(name, "has a role_arn but neither source_profile nor credential_source");
  }

  Result<CredentialSourcePtr> environment_keys(const std::string& name) {
    auto credentials = std::make_shared<Credentials>();
    credentials->access_key_id = variable(surroundings_.environment, "AWS_ACCESS_KEY_ID").value_or("");
    credentials->secret_access_key =
        crypto::Secret(variable(surroundings_.environment, "AWS_SECRET_ACCESS_KEY").value_or(""));
    credentials->session_token = variable(surroundings_.environment, "AWS_SESSION_TOKEN").value_or("");
    credentials->source = "the environment";
    if (credentials->access_key_id.empty())
      return wrong(name, "asks for keys from the environment, but there are none");
    return make_static_source(std::move(credentials));
  }

  const Surroundings& surroundings_;
  const SharedFiles& files_;
  std::vector<std::string> visited_;
};

}  // namespace

Result<CredentialSourcePtr> make_profile_source(const Surroundings& surroundings, const SharedFiles& files,
                                                const std::string& profile) {
  const bool asked_for = variable(surroundings.environment, "AWS_PROFILE").has_value();
  if (!files.profile(profile) && !asked_for) return CredentialSourcePtr();
  return ProfileReader(surroundings, files).read(profile);
}

}  // namespace loopstate::aws
