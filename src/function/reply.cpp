#include "function/reply.hpp"

#include <fmt/format.h>

#include "json/writer.hpp"

namespace loopstate::function {
namespace {

void write_headers(json::Writer& json, const HttpReply& reply, bool multi) {
  json.key(multi ? "multiValueHeaders" : "headers").begin_object();
  const auto write = [&](std::string_view name, std::string_view value) {
    json.key(name);
    if (multi) json.begin_array();
    json.string(value);
    if (multi) json.end_array();
  };
  write("Content-Type", "application/json");
  for (const auto& [name, value] : reply.headers) write(name, value);
  json.end_object();
}

}  // namespace

HttpReply reply_of(const agent::Answer& answer) {
  HttpReply reply;
  reply.status = answer.status;
  reply.body = answer.body;
  if (answer.retry_after)
    reply.headers.emplace_back("Retry-After", fmt::format("{}", answer.retry_after->count()));
  return reply;
}

HttpReply error_reply(int status, std::string_view message) {
  json::Writer json;
  json.begin_object().key("error").string(message).end_object();
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(json).take();
  return reply;
}

std::string write_reply(Caller caller, const HttpReply& reply) {
  json::Writer json(reply.body.size() + 256);
  json.begin_object().key("statusCode").number(reply.status);
  if (caller == Caller::AlbSingle || caller == Caller::AlbMulti) {
    json.key("statusDescription").string(fmt::format("{} {}", reply.status, reason_phrase(reply.status)));
  }
  write_headers(json, reply, caller == Caller::AlbMulti);
  json.key("body").string(reply.body).key("isBase64Encoded").boolean(false).end_object();
  return std::move(json).take();
}

std::string write_failures(const std::vector<std::string>& message_ids) {
  json::Writer json;
  json.begin_object().key("batchItemFailures").begin_array();
  for (const auto& id : message_ids) {
    json.begin_object().key("itemIdentifier").string(id).end_object();
  }
  json.end_array().end_object();
  return std::move(json).take();
}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Payload Too Large";
    case 422:
      return "Unprocessable Entity";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

}  // namespace loopstate::function
