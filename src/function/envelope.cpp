#include "function/envelope.hpp"

#include <fmt/format.h>

#include <array>

#include "crypto/base64.hpp"
#include "function/envelope_sqs.hpp"
#include "json/fields.hpp"

namespace loopstate::function {
namespace {

constexpr std::string_view kTaken =
    "this function accepts requests from API Gateway, a function URL or a load balancer, SQS batches and "
    "EventBridge events";

using json::Fields;

void add_multi(const Fields& event, webhook::Headers& into) {
  constexpr std::string_view member = "multiValueHeaders";
  if (!event.has(member)) return;
  const auto headers = event.object(member);
  for (const auto& [name, values] : headers.members()) {
    if (values.is_null()) continue;
    if (values.kind() != json::Kind::Array) event.wrong(member, "has a member that is not an array");
    for (const auto& value : values.elements()) {
      auto text = value.string();
      if (!text) event.wrong(member, "has an element that is not a string");
      into.add(name, std::move(text).value_or(""));
    }
  }
}

/// Version 1.0 repeats each header's last value in `headers`: what `multi` has is not taken again.
void add_single(const Fields& event, const webhook::Headers& multi, webhook::Headers& into) {
  constexpr std::string_view member = "headers";
  if (!event.has(member)) return;
  const auto headers = event.object(member);
  for (const auto& [name, value] : headers.members()) {
    if (value.is_null() || multi.count(name) > 0) continue;
    auto text = value.string();
    if (!text) event.wrong(member, "has a member that is not a string");
    into.add(name, std::move(text).value_or(""));
  }
}

webhook::Headers read_headers(const Fields& event) {
  webhook::Headers headers;
  add_multi(event, headers);
  const auto multi = headers;
  add_single(event, multi, headers);
  return headers;
}

std::string read_body(const Fields& event) {
  const bool encoded = event.optional_bool("isBase64Encoded").value_or(false);
  auto text = event.optional_text("body").value_or("");
  if (!encoded) return text;
  auto bytes = crypto::base64_decode(text);
  if (!bytes) event.wrong("body", "is not base64 although isBase64Encoded says so");
  return std::move(bytes).value_or("");
}

Envelope read_http(Caller caller, const Fields& event, std::optional<std::string> method,
                   std::optional<std::string> path) {
  if (!method) return Malformed{"the request has no method", caller};
  if (!path) return Malformed{"the request has no path", caller};
  HttpRequest request{caller, *std::move(method), *std::move(path), read_headers(event), read_body(event)};
  if (!event.ok()) return Malformed{"the member " + event.problem().message(), caller};
  return request;
}

Envelope read_version_2(const Fields& event, const Fields& context) {
  const auto host = context.find_text("domainName").value_or("");
  const auto caller = host.contains(".lambda-url.") ? Caller::FunctionUrl : Caller::ApiGatewayV2;
  const auto http = context.find_object("http");
  return read_http(caller, event, http ? http->find_text("method") : std::nullopt,
                   event.find_text("rawPath"));
}

Envelope read_version_1(const Fields& event, const Fields& context) {
  auto caller = Caller::ApiGatewayV1;
  if (context.has("elb")) caller = event.has("multiValueHeaders") ? Caller::AlbMulti : Caller::AlbSingle;
  return read_http(caller, event, event.find_text("httpMethod"), event.find_text("path"));
}

Envelope read_direct(const Fields& event) {
  auto method = event.find_text("httpMethod");
  if (!method) method = event.find_text("method");
  auto path = event.find_text("path");
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
  return {fmt::format("the event is from {}; {}", name, kTaken)};
}

Unsupported unsupported_source(std::string_view source) {
  for (const auto& service : kOtherServices) {
    if (service.source == source) return unsupported(service.name);
  }
  return unsupported("a source that is not known here");
}

/// SNS and CloudFront spell some of these names differently from the rest.
std::string source_of(const json::View& record) {
  const Fields members(record);
  if (auto source = members.find_text("eventSource")) return *source;
  return members.find_text("EventSource").value_or("");
}

Envelope read_records(const json::View& records) {
  const auto elements = records.elements();
  if (elements.empty()) return Malformed{"the event's list of records is empty or not a list", std::nullopt};
  const auto source = source_of(elements.front());
  if (source == "aws:sqs") return read_sqs(elements);
  return unsupported_source(source);
}

/// Events of other services, identified by characteristic members.
Unsupported name_unknown(const Fields& event) {
  if (const auto source = event.find_text("eventSource")) return unsupported_source(*source);
  if (event.has("awslogs")) return unsupported("CloudWatch Logs");
  if (event.has("triggerSource")) return unsupported("Amazon Cognito");
  if (event.has("RequestType") && event.has("ResponseURL")) return unsupported("CloudFormation");
  if (event.find_text("Type") == "Notification" && event.has("TopicArn")) {
    return unsupported("Amazon SNS, in its own wrapping; enable raw message delivery for the subscription");
  }
  if (event.has("requestContext")) return unsupported("a WebSocket API or an unknown kind of gateway");
  return unsupported("no known kind");
}

Envelope read_object(const Fields& event, std::string_view text) {
  if (const auto records = event.find("Records")) return read_records(*records);
  if (event.has("methodArn") || event.has("routeArn"))
    return unsupported("a gateway that asks for authorisation");
  if (const auto context = event.find("requestContext")) {
    const Fields of_context(*context);
    if (of_context.has("http") && event.find_text("version") == "2.0") {
      return read_version_2(event, of_context);
    }
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
  if (view.kind() == json::Kind::Object) return read_object(Fields(view), text);
  return unsupported("no known kind");
}

}  // namespace loopstate::function
