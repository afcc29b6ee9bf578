// Signs DynamoDB's requests with the caller's AWS credentials.
#pragma once

#include <memory>
#include <string>

#include "aws/credential_cache.hpp"
#include "dynamodb/http_sender.hpp"

namespace loopstate::dynamodb {

/// With a clock that the service may correct: signatures carry the service's time.
std::unique_ptr<Authorizer> make_aws_authorizer(std::shared_ptr<aws::CredentialCache> credentials,
                                                std::string region, const Clock& clock = system_clock());

}  // namespace loopstate::dynamodb
