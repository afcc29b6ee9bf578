#include "aws/credential_source.hpp"

#include <boost/asio/awaitable.hpp>

namespace loopstate::aws {
namespace {

class StaticSource final : public CredentialSource {
 public:
  explicit StaticSource(CredentialsPtr credentials) : credentials_(std::move(credentials)) {}
  Task<Result<CredentialsPtr>> fetch(Deadline) override { co_return credentials_; }
  std::string name() const override { return credentials_->source; }

 private:
  CredentialsPtr credentials_;
};

}  // namespace

CredentialSourcePtr make_static_source(CredentialsPtr credentials) {
  return std::make_shared<StaticSource>(std::move(credentials));
}

}  // namespace loopstate::aws
