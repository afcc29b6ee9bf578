#include "dax/greeting.hpp"

#include "dax/cbor_writer.hpp"
#include "dax/method.hpp"
#include "dax/requests.hpp"

namespace loopstate::dax {
namespace {

constexpr std::string_view kMagic = "J7yne5G";
constexpr std::string_view kUserAgent = "loopstate";
constexpr std::string_view kHost = "dax.amazonaws.com";  // for every cluster

}  // namespace

std::string greeting(std::string_view session) {
  std::string out;
  cbor::append_text(out, kMagic);
  cbor::append_integer(out, 0);  // layering
  cbor::append_bytes(out, session);
  cbor::append_map(out, 1);
  cbor::append_text(out, "UserAgent");
  cbor::append_text(out, kUserAgent);
  cbor::append_integer(out, 0);  // the client's mode
  return out;
}

Authorization Authorizer::sign(const aws::Credentials& credentials, Timestamp now) {
  const std::string date = aws::amz_date(now);
  aws::RequestToSign request;
  request.headers = {{"host", kHost}, {"x-amz-date", date}};
  Authorization out;
  out.string_to_sign = signer_.string_to_sign(aws::canonical_request(request), date);
  out.signature = signer_.signature(credentials, out.string_to_sign, date);
  return out;
}

std::string Authorizer::call(const aws::Credentials& credentials, Timestamp now) {
  const Authorization authorization = sign(credentials, now);
  std::string out;
  append_call(out, Method::AuthorizeConnection);
  cbor::append_text(out, credentials.access_key_id);
  cbor::append_text(out, authorization.signature);
  cbor::append_bytes(out, authorization.string_to_sign);
  if (credentials.session_token.empty()) {
    cbor::append_null(out);
  } else {
    cbor::append_text(out, credentials.session_token);
  }
  cbor::append_text(out, kUserAgent);
  return out;
}

}  // namespace loopstate::dax
