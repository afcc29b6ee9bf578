#include "function/envelope.hpp"

#include <fmt/format.h>

#include <array>

#include "crypto/base64.hpp"
#include "function/envelope_members.hpp"
#include "function/envelope_sqs.hpp"

namespace loopstate::function {
namespace {

constexpr std::string_view kTaken =
    "taken are requests from API Gateway, a function URL or a load balancer, SQS batches and EventBridge "
    "events";

/// Why a reading failed, as a sentence.
using Problem = std::optional<std::string>;

Problem add_multi(const json::View& headers, webhook::Headers& into) {
  if (headers.kind() != json::Kind::Object) return "the member multiValueHeaders is not an object";
  for (const auto& [name, values] : headers.members()) {
    if (values.is_null()) continue;
    if (values.kind() != json::Kind::Array) return "a member of multiValueHeaders is not an array";
    for (const auto& value : values.elements()) {
      auto text = value.string();
      if (!text) return "an element in multiValueHeaders is not a string";
      into.add(name, *text);
    }
  }
  return std::nullopt;
}

/// Version 1.0 repeats each header's last value in `headers`: what `multi` has is not taken again.
Problem add_single(const json::View& headers, const webhook::Headers& multi, webhook::Headers& into) {
  if (headers.kind() != json::Kind::Object) return "the member headers is not an object";
  for (const auto& [name, value] : headers.members()) {
    if (value.is_null() || multi.count(name) > 0) continue;
    auto text = value.string();
    if (!text) return "a member of headers is not a string";
    into.add(name, *text);
  }
  return std::nullopt;
}

Problem read_headers(const Members& event, webhook::Headers& into) {
  if (const auto multi = event.find("multiValueHeaders")) {
    if (auto problem = add_multi(*multi, into)) return problem;
  }
  const auto multi = into;
  if (const auto single = event.find("headers")) return add_single(*single, multi, into);
  return std::nullopt;
}

Problem read_body(const Members& event, std::string& into) {
  const auto body = event.find("body");
  const auto encoded = event.find("isBase64Encoded");
  if (encoded && !encoded->boolean()) return "the member isBase64Encoded is not a boolean";
  if (!body) return std::nullopt;
  auto text = body->string();
  if (!text) return "the member body is not a string";
  if (!encoded || !*encoded->boolean()) {
    into = std::move(*text);
    return std::nullopt;
  }
  auto bytes = crypto::base64_decode(*text);
  if (!bytes) return "the member body is not base64 although isBase64Encoded says so";
  into = std::move(*bytes);
  return std::nullopt;
}

Envelope read_http(Caller caller, const Members& event, std::optional<std::string> method,
                   std::optional<std::string> path) {
  if (!method) return Malformed{"the request has no method", caller};
  if (!path) return Malformed{"the request has no path", caller};
  HttpRequest request;
  request.caller = caller;
  request.method = std::move(*method);
  request.path = std::move(*path);
  if (auto problem = read_headers(event, request.headers)) return Malformed{std::move(*problem), caller};
  if (auto problem = read_body(event, request.body)) return Malformed{std::move(*problem), caller};
  return request;
}

Envelope read_version_2(const Members& event, const Members& context, const json::View& http) {
  const auto host = context.text("domainName").value_or("");
  const auto caller = host.contains(".lambda-url.") ? Caller::FunctionUrl : Caller::ApiGatewayV2;
  return read_http(caller, event, json::string_member(http, "method"), event.text("rawPath"));
}

Envelope read_version_1(const Members& event, const Members& context) {
  auto caller = Caller::ApiGatewayV1;
  if (context.has("elb")) caller = event.has("multiValueHeaders") ? Caller::AlbMulti : Caller::AlbSingle;
  return read_http(caller, event, event.text("httpMethod"), event.text("path"));
}

Envelope read_direct(const Members& event) {
  auto method = event.text("httpMethod");
  if (!method) method = event.text("method");
  auto path = event.text("path");
  if (path) path->resize(std::min(path->find('?'), path->size()));
  return read_http(Caller::Direct, event, method.value_or("POST"), std::move(path));
}

struct Service {
  std::string_view source;
  std::string_view name;
};

constexpr std::array<Service, 9> kOtherServices = {{
    {"aws:sns", "Amazon SNS; subscribe an SQS queue with raw message delivery instead"},
    {"aws:s3", "Amazon S3"},
    {"aws:dynamodb", "a DynamoDB stream"},
    {"aws:kinesis", "a Kinesis stream"},
    {"aws:ses", "Amazon SES"},
    {"aws:kafka", "Amazon MSK"},
    {"SelfManagedKafka", "Apache Kafka"},
    {"aws:mq", "Amazon MQ"},
    {"aws:rmq", "Amazon MQ"},
}};

Unsupported unsupported(std::string_view name) {
  return {fmt::format("the event is of {}; {}", name, kTaken)};
}

Unsupported unsupported_source(std::string_view source) {
  for (const auto& service : kOtherServices) {
    if (service.source == source) return unsupported(service.name);
  }
  return unsupported("a source that is not known here");
}

/// SNS and CloudFront write some of these names in another way than the rest.
std::string source_of(const json::View& record) {
  const Members members(record);
  if (auto source = members.text("eventSource")) return *source;
  return members.text("EventSource").value_or("");
}

Envelope read_records(const json::View& records) {
  const auto elements = records.elements();
  if (elements.empty()) return Malformed{"the event's list of records is empty or no list", std::nullopt};
  const auto source = source_of(elements.front());
  if (source == "aws:sqs") return read_sqs(elements);
  return unsupported_source(source);
}

/// What other services send, by the members that give them away.
Unsupported name_unknown(const Members& event) {
  if (const auto source = event.text("eventSource")) return unsupported_source(*source);
  if (event.has("awslogs")) return unsupported("CloudWatch Logs");
  if (event.has("triggerSource")) return unsupported("Amazon Cognito");
  if (event.has("RequestType") && event.has("ResponseURL")) return unsupported("CloudFormation");
  if (event.text("Type") == "Notification" && event.has("TopicArn")) {
    return unsupported("Amazon SNS, wrapped by it; switch raw message delivery on for the subscription");
  }
  if (event.has("requestContext")) return unsupported("a WebSocket API or an unknown kind of gateway");
  return unsupported("no known kind");
}

Envelope read_object(const Members& event, std::string_view text) {
  if (const auto records = event.find("Records")) return read_records(*records);
  if (event.has("methodArn") || event.has("routeArn"))
    return unsupported("a gateway that asks for authorisation");
  if (const auto context = event.find("requestContext")) {
    const Members of_context(*context);
    const auto http = of_context.find("http");
    if (http && event.text("version") == "2.0") return read_version_2(event, of_context, *http);
    if (event.has("httpMethod")) return read_version_1(event, of_context);
  }
  if (event.has("detail-type") && event.has("source")) return BusMessage{std::string(text)};
  if (event.has("path") && event.has("body")) return read_direct(event);
  return name_unknown(event);
}

}  // namespace

std::string_view to_string(Caller caller) noexcept {
  switch (caller) {
    case Caller::ApiGatewayV1:
      return "api_gateway_v1";
    case Caller::ApiGatewayV2:
      return "api_gateway_v2";
    case Caller::FunctionUrl:
      return "function_url";
    case Caller::AlbSingle:
      return "alb";
    case Caller::AlbMulti:
      return "alb_multi";
    case Caller::Direct:
      return "direct";
  }
  return "direct";
}

Envelope read_envelope(std::string_view event) {
  json::Reader reader(event);
  const auto text = reader.skip();
  if (!reader.finish()) {
    return Malformed{fmt::format("the event is not JSON: {} at byte {}", reader.problem().message,
                                 reader.problem().offset),
                     std::nullopt};
  }
  const json::View view(text);
  if (view.kind() == json::Kind::Array) return read_records(view);
  if (view.kind() == json::Kind::Object) return read_object(Members(view), text);
  return unsupported("no known kind");
}

}  // namespace loopstate::function
