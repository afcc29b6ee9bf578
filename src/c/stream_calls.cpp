// documents.reader.open, next, close; documents.writer.open, write, finish, abandon.
#include <array>

#include "base/try.hpp"
#include "c/call.hpp"
#include "c/document_input.hpp"
#include "json/writer.hpp"
#include "store/rules/wait.hpp"

namespace loopstate::c {
namespace {

Result<Reply> open_reader(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto collection = in.name<CollectionId>("collection");
  auto key = in.text("key");
  auto options = in.read_call();
  TRY_OK(in.check());
  DocumentReader reader(Documents(open.store.store()), std::move(user), std::move(collection), std::move(key),
                        std::move(options));
  TRY(const auto document, store::wait_for(reader.open()));
  TRY(const auto number, open.streams.add(std::move(reader)));
  json::Writer json;
  json.begin_object().key("reader").number(number).key("document").raw(document_json(document)).end_object();
  return Reply{std::move(json).take(), {std::string()}};
}

Result<Reply> next_piece(OpenStore& open, Input& in) {
  const auto number = in.number("reader");
  TRY_OK(in.check());
  TRY(auto use, open.streams.reader(number));
  TRY(auto piece, store::wait_for(use.reader().next()));
  Reply reply;
  reply.buffers.push_back(std::move(piece));
  return reply;
}

Result<Reply> close_reader(OpenStore& open, Input& in) {
  const auto number = in.number("reader");
  TRY_OK(in.check());
  if (open.streams.has_ended(number)) return Reply{};
  TRY([[maybe_unused]] const auto use, open.streams.reader(number));
  open.streams.remove(number);
  return Reply{};
}

Result<Reply> open_writer(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto collection = in.name<CollectionId>("collection");
  auto key = in.text("key");
  const auto head = document_head(in);
  auto options = document_options(in);
  TRY_OK(in.check());
  DocumentWriter writer(Documents(open.store.store()), std::move(user), std::move(collection), std::move(key),
                        head, std::move(options));
  // Says at once what is wrong with all that was given.
  TRY_OK(store::wait_for(writer.write({})));
  TRY(const auto number, open.streams.add(std::move(writer)));
  json::Writer json;
  json.begin_object().key("writer").number(number).end_object();
  return Reply{std::move(json).take()};
}

Result<Reply> write_piece(OpenStore& open, Input& in) {
  const auto number = in.number("writer");
  TRY_OK(in.check(1));
  TRY(auto use, open.streams.writer(number));
  TRY_OK(store::wait_for(use.writer().write(in.buffer(0))));
  return Reply{};
}

Result<Reply> finish_writer(OpenStore& open, Input& in) {
  const auto number = in.number("writer");
  TRY_OK(in.check());
  TRY(auto use, open.streams.writer(number));
  TRY(const auto stored, store::wait_for(use.writer().finish()));
  open.streams.remove(number);
  return Reply{stored_json(stored)};
}

Result<Reply> abandon_writer(OpenStore& open, Input& in) {
  const auto number = in.number("writer");
  TRY_OK(in.check());
  if (open.streams.has_ended(number)) return Reply{};
  TRY(auto use, open.streams.writer(number));
  const auto tidied = store::wait_for(use.writer().abandon());
  open.streams.remove(number);
  TRY_OK(tidied);
  return Reply{};
}

}  // namespace

std::span<const Call> stream_calls() {
  static constexpr std::array kCalls{
      Call{"documents.reader.open", open_reader},      Call{"documents.reader.next", next_piece},
      Call{"documents.reader.close", close_reader},    Call{"documents.writer.open", open_writer},
      Call{"documents.writer.write", write_piece},     Call{"documents.writer.finish", finish_writer},
      Call{"documents.writer.abandon", abandon_writer}};
  return kCalls;
}

}  // namespace loopstate::c
