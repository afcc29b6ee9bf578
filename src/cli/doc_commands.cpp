// doc put, get, list, append, rm, keep-last, collections, drop: bodies go from and to files and pipes, piece
// by piece.
#include <fmt/format.h>

#include <cstdio>

#include "base/try.hpp"
#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/input_stream.hpp"
#include "cli/json_output.hpp"
#include "cli/listing.hpp"
#include "cli/output_file.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "json/array.hpp"
#include "loopstate/document_stream.hpp"

namespace loopstate::cli {
namespace {

/// What all of them begin with.
struct Target {
  UserId user;
  CollectionId collection;
};

Result<Target> target_of(const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto collection, name<CollectionId>(arguments, "COLLECTION"));
  return Target{std::move(user), std::move(collection)};
}

/// The options of put and append that say what is stored.
Result<NewDocument> head_of(const Arguments& arguments) {
  NewDocument head;
  if (const auto meta = arguments.optional("--meta")) {
    TRY(head.meta, JsonText::parse(*meta));
  }
  TRY(head.lifetime, span(arguments, "--ttl"));
  return head;
}

Result<DocumentOptions> conditions_of(const Arguments& arguments, CallOptions call) {
  DocumentOptions options(std::move(call));
  if (arguments.has("--if-absent") && arguments.has("--version")) {
    return fail(ErrorCode::InvalidArgument, "--if-absent and --version exclude each other");
  }
  if (arguments.has("--if-absent")) options.if_absent();
  if (!arguments.has("--version")) return options;
  TRY(const auto version, whole_number(arguments, "--version", 1));
  options.at_version(version);
  return options;
}

std::string head_json(const Document& document) {
  JsonObject json;
  json.text("key", document.key).number("version", document.version).number("size", document.size);
  json.raw("meta", document.meta.text());
  json.time("created_at", document.created_at).time("updated_at", document.updated_at);
  if (document.expires_at) json.time("expires_at", *document.expires_at);
  return json.str();
}

/// The whole input, so that the document is not there before its end has come.
Result<StoredDocument> send(Program& program, DocumentWriter& writer, InputStream& input) {
  while (true) {
    TRY(auto piece, input.piece());
    if (piece.empty()) return program.run(writer.finish());
    TRY_OK(program.run(writer.write(std::move(piece))));
  }
}

Result<CommandOutput> put(Program& program, const Arguments& arguments) {
  TRY(auto target, target_of(arguments));
  TRY(const auto head, head_of(arguments));
  TRY([[maybe_unused]] const auto checked, conditions_of(arguments, {}));
  TRY(auto input, InputStream::open("FILE", arguments.optional("FILE").value_or("-")));
  TRY(auto call, program.begin(arguments, OpenMode::CreateIfMissing));
  // Each piece has the whole timeout: a pipe may be slow.
  auto options = call.options;
  TRY(const auto timeout, program.request_timeout());
  options.deadline(std::nullopt).timeout(timeout);
  TRY(auto conditions, conditions_of(arguments, options));
  DocumentWriter writer(Documents(call.store), target.user, target.collection, arguments.text("KEY"), head,
                        std::move(conditions));
  const auto stored = send(program, writer, input);
  if (!stored) {
    TRY_OK(program.run(writer.abandon()));
    return std::unexpected(stored.error());
  }
  return CommandOutput{JsonObject().text("key", stored->key).number("version", stored->version).str(),
                       fmt::format("{}: version {}", printable(stored->key), stored->version)};
}

Result<CommandOutput> get(Program& program, const Arguments& arguments) {
  TRY(auto target, target_of(arguments));
  const auto path = arguments.optional("FILE").value_or("-");
  const bool to_stdout = path == "-";
  if (to_stdout && program.json()) {
    return fail(ErrorCode::InvalidArgument, "doc get --json needs a FILE for the body");
  }
  TRY(auto call, program.begin(arguments));
  auto options = call.options;
  TRY(const auto timeout, program.request_timeout());
  options.deadline(std::nullopt).timeout(timeout);
  DocumentReader reader(Documents(call.store), target.user, target.collection, arguments.text("KEY"),
                        options);
  TRY(const auto head, program.run(reader.open()));
  TRY(auto file, OutputFile::create(path));
  while (true) {
    TRY(const auto piece, program.run(reader.next()));
    if (piece.empty()) break;
    TRY_OK(file.write(piece));
  }
  TRY_OK(file.finish());
  CommandOutput answer{head_json(head), fmt::format("{}: version {}, {} bytes to {}", printable(head.key),
                                                    head.version, head.size, printable(path))};
  answer.written = to_stdout;
  return answer;
}

std::vector<std::string> cells_of(const Document& document) {
  return {printable(document.key), fmt::format("{}", document.version), fmt::format("{}", document.size),
          time_text(document.updated_at), printable(document.meta.text())};
}

Result<DocumentListOptions> listing_of(const Arguments& arguments, CallOptions call) {
  DocumentListOptions options(std::move(call));
  options.without_bodies().descending(arguments.has("--last-first"));
  options.prefix(arguments.optional("--prefix")).from(arguments.optional("--from"));
  options.to(arguments.optional("--to")).after(arguments.optional("--after"));
  TRY(const auto limit, whole_number_or(arguments, "--limit", 100, 1, 1000));
  options.limit(limit);
  return options;
}

Result<CommandOutput> list(Program& program, const Arguments& arguments) {
  TRY(auto target, target_of(arguments));
  TRY([[maybe_unused]] const auto checked, listing_of(arguments, {}));
  TRY(auto call, program.begin(arguments));
  TRY(auto options, listing_of(arguments, call.options));
  Documents documents(call.store);
  TRY(const auto page, program.run(documents.list(target.user, target.collection, std::move(options))));
  std::vector<std::vector<std::string>> rows{{"KEY", "VERSION", "BYTES", "UPDATED", "META"}};
  for (const auto& document : page.documents) rows.push_back(cells_of(document));
  CommandOutput answer;
  answer.json = JsonObject()
                    .raw("documents", json::array(page.documents, head_json))
                    .optional_text("next", page.next)
                    .optional_text("generation", page.generation)
                    .str();
  answer.text = page.documents.empty() ? "no documents" : table_text(rows);
  if (page.next) answer.text += fmt::format("more: --after {}\n", printable(*page.next));
  return answer;
}

Result<AppendOptions> end_of(const Arguments& arguments, CallOptions call) {
  AppendOptions options(std::move(call));
  options.in_generation(arguments.optional("--in-generation"));
  if (!arguments.has("--at-number")) return options;
  TRY(const auto number, whole_number(arguments, "--at-number", 1));
  options.at_number(number);
  return options;
}

Result<CommandOutput> append(Program& program, const Arguments& arguments) {
  TRY(auto target, target_of(arguments));
  TRY(const auto head, head_of(arguments));
  TRY([[maybe_unused]] const auto checked, end_of(arguments, {}));
  std::vector<NewDocument> entries;
  std::size_t left = loopstate::kMaxDocumentBytes;
  for (const auto& path : arguments.all("FILE")) {
    entries.push_back(head);
    TRY(entries.back().body, read_input("FILE", path, left));
    left -= entries.back().body.size();
  }
  TRY(auto call, program.begin(arguments, OpenMode::CreateIfMissing));
  TRY(auto options, end_of(arguments, call.options));
  Documents documents(call.store);
  TRY(const auto appended,
      program.run(documents.append(target.user, target.collection, std::move(entries), std::move(options))));
  JsonObject json;
  json.number("first", appended.first).number("last", appended.last).text("generation", appended.generation);
  return CommandOutput{json.str(), appended.first == appended.last
                                       ? fmt::format("number {}", appended.first)
                                       : fmt::format("numbers {} to {}", appended.first, appended.last)};
}

Result<CommandOutput> remove_document(Program& program, const Arguments& arguments) {
  TRY(auto target, target_of(arguments));
  TRY([[maybe_unused]] const auto checked, conditions_of(arguments, {}));
  TRY(auto call, program.begin(arguments));
  TRY(auto options, conditions_of(arguments, call.options));
  Documents documents(call.store);
  TRY(const auto removed, program.run(documents.remove(target.user, target.collection, arguments.text("KEY"),
                                                       std::move(options))));
  return CommandOutput{JsonObject().boolean("removed", removed).str(),
                       removed ? "removed" : "there was no such document"};
}

Result<CommandOutput> keep_last(Program& program, const Arguments& arguments) {
  TRY(auto target, target_of(arguments));
  TRY(const auto count, whole_number(arguments, "N", 0));
  TRY(auto call, program.begin(arguments));
  Documents documents(call.store);
  TRY(const auto removed,
      program.run(documents.keep_last(target.user, target.collection, count, call.options)));
  return CommandOutput{JsonObject().number("removed", removed).str(),
                       fmt::format("removed {} document{}", removed, removed == 1 ? "" : "s")};
}

Result<CommandOutput> collections(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  Documents documents(call.store);
  TRY(const auto found, program.run(documents.collections_of(call.user, call.options)));
  std::vector<std::vector<std::string>> rows{{"COLLECTION", "APPENDED", "CREATED"}};
  for (const auto& one : found) {
    rows.push_back(
        {printable(one.collection.text()), fmt::format("{}", one.appended), time_text(one.created_at)});
  }
  return CommandOutput{
      json::array(found, collection_json),
      found.empty() ? printable(call.user.text()) + " has no collections" : table_text(rows)};
}

Result<CommandOutput> drop(Program& program, const Arguments& arguments) {
  TRY(auto target, target_of(arguments));
  TRY(auto call, program.begin(arguments));
  Documents documents(call.store);
  TRY(const auto dropped, program.run(documents.drop(target.user, target.collection, call.options)));
  return CommandOutput{JsonObject().boolean("dropped", dropped).str(),
                       dropped ? "dropped" : "there was no such collection"};
}

}  // namespace

std::vector<Command> doc_commands() {
  return {of_catalogue("doc put", put),
          of_catalogue("doc get", get),
          of_catalogue("doc list", list),
          of_catalogue("doc append", append),
          of_catalogue("doc rm", remove_document),
          of_catalogue("doc keep-last", keep_last),
          of_catalogue("doc collections", collections),
          of_catalogue("doc drop", drop)};
}

}  // namespace loopstate::cli
