// Which Region, and where a service is reached there.
// Sources: "AWS Region" and "Service-specific endpoints" in the AWS SDKs and Tools reference guide; docs of
// DynamoDB's account-based endpoints.
#pragma once

#include <string>
#include <string_view>

#include "aws/config_file.hpp"
#include "loopstate/error.hpp"

namespace loopstate::aws {

/// Whether it may be the name of a Region, which becomes part of a host name.
bool is_region(std::string_view text);

/// AWS_REGION, AWS_DEFAULT_REGION, then the profile's `region`. InvalidArgument: none of them is set, or it
/// is not the name of a Region.
Result<std::string> find_region(const Environment& environment, const SharedFiles& files);

struct ServiceEndpoint {
  std::string url;     ///< "https://dynamodb.eu-west-1.amazonaws.com"
  std::string source;  ///< where it came from, for people: "AWS_ENDPOINT_URL", "the Region", ...
};

/// In this order: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's `services` section, the
/// profile's `endpoint_url` (none of these under AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true), then the Region's
/// own, as AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT say. `service` is as in the host name:
/// "dynamodb", "sts", "secretsmanager" (AWS_ENDPOINT_URL_SECRETS_MANAGER).
ServiceEndpoint find_endpoint(const Environment& environment, const SharedFiles& files,
                              std::string_view service, const std::string& region);

/// DynamoDB's: as above, but "{account}.ddb.{region}.amazonaws.com" if the account is known in advance
/// (AWS_ACCOUNT_ID, or the profile's `aws_account_id`) and AWS_ACCOUNT_ID_ENDPOINT_MODE is not "disabled";
/// never with FIPS, dual stack, a configured endpoint, or outside the "aws" partition. InvalidArgument: the
/// mode is "required" and the account is unknown.
Result<ServiceEndpoint> find_dynamodb_endpoint(const Environment& environment, const SharedFiles& files,
                                               const std::string& region);

}  // namespace loopstate::aws
