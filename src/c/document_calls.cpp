// documents.put, append, get, list, remove, keep_last, collections_of, drop.
#include <fmt/format.h>

#include <array>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "c/call.hpp"
#include "c/document_input.hpp"
#include "c/replies.hpp"

namespace loopstate::c {

std::string document_json(const Document& document) {
  json::Writer json;
  json.begin_object().key("key").string(document.key).key("size").number(document.size);
  json.key("meta").value(document.meta).key("version").number(document.version);
  json.key("created_at").number(unix_seconds(document.created_at));
  json.key("updated_at").number(unix_seconds(document.updated_at));
  if (document.expires_at) json.key("expires_at").number(unix_seconds(*document.expires_at));
  json.end_object();
  return std::move(json).take();
}

std::string stored_json(const StoredDocument& stored) {
  json::Writer json;
  json.begin_object().key("key").string(stored.key).key("version").number(stored.version).end_object();
  return std::move(json).take();
}

NewDocument document_head(Params& in) {
  NewDocument head;
  head.meta = in.optional_value("meta").value_or(JsonText());
  head.lifetime = in.optional_span("lifetime");
  return head;
}

DocumentOptions document_options(Params& in) {
  DocumentOptions options(in.write_call());
  options.at_version(in.optional_number("at_version"));
  if (in.flag("if_absent")) {
    if (options.at_version()) in.wrong("if_absent and at_version exclude each other");
    options.if_absent();
  }
  return options;
}

namespace {

Result<Reply> put(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto collection = in.name<CollectionId>("collection");
  auto key = in.text("key");
  auto document = document_head(in);
  auto options = document_options(in);
  TRY_OK(in.check(1));
  document.body = in.buffer(0);
  TRY(const auto stored, open.documents.put(std::move(user), std::move(collection), std::move(key),
                                            std::move(document), std::move(options)));
  return Reply{stored_json(stored)};
}

Result<Reply> append(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto collection = in.name<CollectionId>("collection");
  std::vector<NewDocument> documents;
  for (auto& one : in.objects("documents")) {
    documents.push_back(document_head(one));
    one.check_members();
  }
  AppendOptions options(in.write_call());
  options.at_number(in.optional_number("at_number", 1)).in_generation(in.optional_text("in_generation"));
  TRY_OK(in.check(documents.size()));
  for (std::size_t i = 0; i < documents.size(); ++i) documents[i].body = in.buffer(i);
  TRY(const auto appended, open.documents.append(std::move(user), std::move(collection), std::move(documents),
                                                 std::move(options)));
  json::Writer json;
  json.begin_object().key("first").number(appended.first).key("last").number(appended.last);
  json.key("generation").string(appended.generation).end_object();
  return Reply{std::move(json).take()};
}

Result<Reply> get(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto collection = in.name<CollectionId>("collection");
  auto key = in.text("key");
  auto options = in.read_call();
  TRY_OK(in.check());
  TRY(auto document,
      open.documents.get(std::move(user), std::move(collection), std::move(key), std::move(options)));
  Reply reply{document_json(document)};
  reply.buffers.push_back(std::move(document.body));
  return reply;
}

Result<Reply> list(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto collection = in.name<CollectionId>("collection");
  DocumentListOptions options(in.read_call());
  options.prefix(in.optional_text("prefix")).from(in.optional_text("from")).to(in.optional_text("to"));
  options.after(in.optional_text("after")).descending(in.flag("descending"));
  if (const auto limit = in.optional_number("limit", 1, 1000)) options.limit(*limit);
  if (const auto bytes = in.optional_number("max_bytes")) options.max_bytes(*bytes);
  options.without_bodies(in.flag("without_bodies"));
  TRY_OK(in.check());
  TRY(auto page, open.documents.list(std::move(user), std::move(collection), std::move(options)));
  Reply reply;
  json::Writer json;
  json.begin_object().key("documents").begin_array();
  for (auto& document : page.documents) {
    json.raw(document_json(document));
    reply.buffers.push_back(std::move(document.body));
  }
  json.end_array();
  if (page.next) json.key("next").string(*page.next);
  if (page.generation) json.key("generation").string(*page.generation);
  json.end_object();
  reply.json = std::move(json).take();
  return reply;
}

Result<Reply> remove(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto collection = in.name<CollectionId>("collection");
  auto key = in.text("key");
  DocumentOptions options(in.write_call());
  options.at_version(in.optional_number("at_version"));
  TRY_OK(in.check());
  TRY(const auto removed,
      open.documents.remove(std::move(user), std::move(collection), std::move(key), std::move(options)));
  return Reply{json_text(removed)};
}

Result<Reply> keep_last(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto collection = in.name<CollectionId>("collection");
  const auto count = in.number("count");
  auto options = in.read_call();
  TRY_OK(in.check());
  TRY(const auto removed,
      open.documents.keep_last(std::move(user), std::move(collection), count, std::move(options)));
  return Reply{fmt::format("{}", removed)};
}

Result<Reply> collections_of(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto options = in.read_call();
  TRY_OK(in.check());
  TRY(const auto collections, open.documents.collections_of(std::move(user), std::move(options)));
  json::Writer json;
  write_collections(json, collections);
  return Reply{std::move(json).take()};
}

Result<Reply> drop(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto collection = in.name<CollectionId>("collection");
  auto options = in.write_call();
  TRY_OK(in.check());
  TRY(const auto dropped, open.documents.drop(std::move(user), std::move(collection), std::move(options)));
  return Reply{json_text(dropped)};
}

}  // namespace

std::span<const Call> document_calls() {
  static constexpr std::array kCalls{Call{"documents.put", put},
                                     Call{"documents.append", append},
                                     Call{"documents.get", get},
                                     Call{"documents.list", list},
                                     Call{"documents.remove", remove},
                                     Call{"documents.keep_last", keep_last},
                                     Call{"documents.collections_of", collections_of},
                                     Call{"documents.drop", drop}};
  return kCalls;
}

}  // namespace loopstate::c
