#include "aws/source_chain.hpp"

#include "aws/config_file.hpp"
#include "aws/metadata.hpp"
#include "aws/profile_source.hpp"
#include "aws/region.hpp"
#include "aws/sts.hpp"
#include "base/try.hpp"

namespace loopstate::aws {
namespace {

Result<CredentialSourcePtr> environment_source(const Environment& environment) {
  const auto id = variable(environment, "AWS_ACCESS_KEY_ID");
  auto secret = variable(environment, "AWS_SECRET_ACCESS_KEY");
  if (!id && !secret) return CredentialSourcePtr();
  if (!id || !secret) {
    return fail(ErrorCode::InvalidArgument,
                id ? "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"
                   : "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
  }
  auto credentials = std::make_shared<Credentials>();
  credentials->access_key_id = *id;
  credentials->secret_access_key = crypto::Secret(std::move(*secret));
  credentials->session_token = variable(environment, "AWS_SESSION_TOKEN").value_or("");
  credentials->account_id = variable(environment, "AWS_ACCOUNT_ID").value_or("");
  credentials->source = "the environment";
  return make_static_source(std::move(credentials));
}

Result<CredentialSourcePtr> web_identity(const Surroundings& surroundings, const SharedFiles& files) {
  const auto file = variable(surroundings.environment, "AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!file) return CredentialSourcePtr();
  const auto arn = variable(surroundings.environment, "AWS_ROLE_ARN");
  if (!arn)
    return fail(ErrorCode::InvalidArgument, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
  TRY(auto region, find_region(surroundings.environment, files));
  RoleToAssume role;
  role.role_arn = *arn;
  role.session_name = variable(surroundings.environment, "AWS_ROLE_SESSION_NAME").value_or("");
  role.endpoint_url = find_endpoint(surroundings.environment, files, "sts", region).url;
  role.region = std::move(region);
  role.source = "the web identity of the environment";
  return make_web_identity_source(surroundings, std::move(role), *file);
}

bool metadata_is_off(const Environment& environment) {
  const auto off = variable(environment, "AWS_EC2_METADATA_DISABLED");
  return off && (*off == "true" || *off == "TRUE" || *off == "True" || *off == "1");
}

}  // namespace

Result<CredentialSourcePtr> make_source_chain(Surroundings surroundings) {
  auto found = environment_source(surroundings.environment);
  if (!found || *found) return found;
  TRY(auto files, SharedFiles::load(surroundings.environment));
  found = web_identity(surroundings, files);
  if (!found || *found) return found;
  found = make_profile_source(surroundings, files, profile_name(surroundings.environment));
  if (!found || *found) return found;
  found = make_container_source(surroundings);
  if (!found || *found) return found;
  if (metadata_is_off(surroundings.environment)) {
    return fail(ErrorCode::NoCredentials,
                "no credentials found: none in the environment, none in any profile, and instance metadata "
                "is switched off; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
  }
  return make_instance_source(std::move(surroundings));
}

Result<std::shared_ptr<CredentialCache>> make_credential_cache(const Environment& environment) {
  TRY(auto source, make_source_chain(real_surroundings(environment)));
  return std::make_shared<CredentialCache>(std::move(source));
}

}  // namespace loopstate::aws
