#include "fault_proxy/fault_proxy.hpp"

#include <fmt/format.h>

#include <regex>

#include "json/view.hpp"

namespace loopstate::dynamodb {

using testing_net::Message;
using testing_net::read_message;
using testing_net::tcp;

namespace {

void write(tcp::socket& socket, std::string_view text) {
  boost::system::error_code ignored;
  boost::asio::write(socket, boost::asio::buffer(text), ignored);
}

std::string with_body(int status, std::string_view body, std::string_view headers = "") {
  return fmt::format(
      "HTTP/1.1 {} X\r\nContent-Type: application/x-amz-json-1.0\r\n{}Content-Length: {}\r\n\r\n{}", status,
      headers, body.size(), body);
}

std::string error(int status, std::string_view type, std::string_view more = "",
                  std::string_view headers = "") {
  return with_body(
      status,
      fmt::format(R"({{"__type":"com.amazonaws.dynamodb.v20120810#{}","message":"synthetic"{}}})", type,
                  more),
      headers);
}

std::string operation_of(const std::string& head) {
  static constexpr std::string_view kVersion = "DynamoDB_20120810.";
  const std::size_t at = testing_net::find_header(head, "X-Amz-Target");
  if (at == std::string::npos || !head.substr(at).starts_with(kVersion)) return "";
  const std::size_t start = at + kVersion.size();
  return head.substr(start, head.find('\r', start) - start);
}

std::string cancelled(std::string_view body, std::string_view code) {
  const auto actions = json::View(body).find("TransactItems");
  std::string reasons;
  for (std::size_t at = 0; actions && at < actions->elements().size(); ++at) {
    reasons += fmt::format(R"({}{{"Code":"{}"}})", at == 0 ? "" : ",", at == 0 ? code : "None");
  }
  return error(400, "TransactionCanceledException", fmt::format(R"(,"CancellationReasons":[{}])", reasons));
}

/// Nothing if the fault does not fit the operation.
std::string synthetic(Fault fault, std::string_view operation, std::string_view body) {
  const bool transaction = operation == "TransactWriteItems";
  const bool single_write = operation == "PutItem" || operation == "UpdateItem" || operation == "DeleteItem";
  switch (fault) {
    case Fault::ErrorBefore:
      return error(500, "InternalServerError");
    case Fault::Throttle:
      return error(400, "ProvisionedThroughputExceededException", "", "x-amz-retry-after: 0\r\n");
    case Fault::ThrottleReasons:
      return error(
          400, "ThrottlingException",
          R"(,"throttlingReasons":[{"reason":"TableWriteKeyRangeThroughputExceeded","resource":"arn"}])",
          "x-amz-retry-after: 3\r\n");
    case Fault::Conflict:
      if (transaction) return cancelled(body, "TransactionConflict");
      return single_write ? error(400, "TransactionConflictException") : "";
    case Fault::InProgress:
      return transaction ? error(400, "TransactionInProgressException", "", "x-amz-retry-after: 1\r\n") : "";
    case Fault::ThrottledTransaction:
      return transaction ? cancelled(body, "ThrottlingError") : "";
    case Fault::EmptyPage: {
      const auto after = json::View(body).find("ExclusiveStartKey");
      if (!after || (operation != "Query" && operation != "Scan")) return "";
      return with_body(200, fmt::format(R"({{"Items":[],"Count":0,"ScannedCount":9,"LastEvaluatedKey":{}}})",
                                        after->text()));
    }
    default:
      return "";
  }
}

/// Splits a batch: what is passed to the server, and what is reported as unprocessed.
struct Split {
  std::string request;
  std::string unprocessed;
};
Split split(std::string_view operation, std::string_view body) {
  const bool get = operation == "BatchGetItem";
  const auto items = json::View(body).find("RequestItems");
  const auto [table, content] = items->members().front();
  const auto parts = get ? content.find("Keys")->elements() : content.elements();
  std::string first, second;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    std::string& side = at < parts.size() / 2 ? first : second;
    side += (side.empty() ? "" : ",") + std::string(parts[at].text());
  }
  const auto wrap = [&](const std::string& list) {
    return get ? fmt::format(R"({{"{}":{{"ConsistentRead":true,"Keys":[{}]}}}})", table, list)
               : fmt::format(R"({{"{}":[{}]}})", table, list);
  };
  return {first.empty() ? "" : fmt::format(R"({{"RequestItems":{}}})", wrap(first)), wrap(second)};
}

/// One upstream connection per client connection.
class Upstream {
 public:
  explicit Upstream(std::uint16_t port) : socket_(context_) {
    socket_.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port));
    socket_.set_option(tcp::no_delay(true));
  }

  Message ask(const std::string& head, const std::string& body) {
    static const std::regex kLength("Content-Length: *[0-9]+", std::regex::icase);
    const std::string changed =
        std::regex_replace(head, kLength, fmt::format("Content-Length: {}", body.size()));
    write(socket_, changed + body);
    return read_message(socket_, buffer_).value_or(Message{});
  }

 private:
  boost::asio::io_context context_;
  tcp::socket socket_;
  std::string buffer_;
};

std::string without_checksum(const std::string& head) {
  static const std::regex kChecksum("x-amz-crc32: *[0-9]+\r\n", std::regex::icase);
  return std::regex_replace(head, kChecksum, "");
}

std::string batch(Upstream& upstream, const SeenRequest& seen, const std::string& head) {
  const Split parts = split(seen.operation, seen.body);
  const bool get = seen.operation == "BatchGetItem";
  const std::string member = get ? "UnprocessedKeys" : "UnprocessedItems";
  if (parts.request.empty()) {
    return with_body(
        200, fmt::format(R"({{{}"{}":{}}})", get ? R"("Responses":{},)" : "", member, parts.unprocessed));
  }
  const Message reply = upstream.ask(head, parts.request);
  const std::string none = fmt::format(R"("{}":{{}})", member);
  std::string body = reply.body;
  if (const std::size_t at = body.find(none); at != std::string::npos) {
    body.replace(at, none.size(), fmt::format(R"("{}":{})", member, parts.unprocessed));
  }
  return with_body(200, body);
}

}  // namespace

FaultProxy::FaultProxy(std::string upstream_endpoint, std::function<Fault(const SeenRequest&)> plan)
    : upstream_port_(
          static_cast<std::uint16_t>(std::stoi(upstream_endpoint.substr(upstream_endpoint.rfind(':') + 1)))),
      plan_(std::move(plan)),
      server_([this](tcp::socket& client, int number) { serve(client, number); }) {}

void FaultProxy::serve(tcp::socket& client, int number) {
  Upstream upstream(upstream_port_);
  std::string buffer;
  while (auto request = read_message(client, buffer)) {
    ++requests_;
    const std::string operation = operation_of(request->head);
    const SeenRequest seen{operation, request->body, number};
    const Fault fault = plan_(seen);
    if (fault == Fault::CutBefore) return;
    if (const std::string answer = synthetic(fault, operation, request->body); !answer.empty()) {
      write(client, answer);
      continue;
    }
    if (fault == Fault::Unprocessed && operation.starts_with("Batch")) {
      write(client, batch(upstream, seen, request->head));
      continue;
    }
    const Message reply = upstream.ask(request->head, request->body);
    switch (fault) {
      case Fault::DropReply:
        return;
      case Fault::HalfReply: {
        const std::string text = reply.head + reply.body;
        write(client, text.substr(0, text.size() - 1 - reply.body.size() / 2));
        return;
      }
      case Fault::WrongChecksum:
        write(client, with_body(200, reply.body, "x-amz-crc32: 1\r\n"));
        break;
      case Fault::NoChecksum:
        write(client, without_checksum(reply.head) + reply.body);
        break;
      case Fault::Garble:
        write(client, "\x15\x03 this is not HTTP\r\n\r\n");
        return;
      case Fault::NotJson:
        write(client, with_body(200, "<html>hello</html>"));
        break;
      case Fault::ErrorAfter:
        write(client, error(500, "InternalServerError"));
        break;
      case Fault::Hang:
        read_message(client, buffer);  // until the client gives up
        return;
      case Fault::CloseAfter:
        write(client, reply.head + reply.body);
        return;
      default:
        write(client, reply.head + reply.body);
    }
  }
}

}  // namespace loopstate::dynamodb
