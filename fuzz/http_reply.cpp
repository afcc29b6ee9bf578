// Any bytes from a server: read as HTTP/1.1 in pieces of any size, and the result as DynamoDB's
// answer.
#include <algorithm>
#include <cstring>

#include "base/timestamp.hpp"
#include "base/utf8.hpp"
#include "check.hpp"
#include "dynamodb/reply.hpp"
#include "dynamodb/requests.hpp"
#include "http/client/reply_reader.hpp"
#include "table/service/certainty.hpp"

using namespace loopstate;

namespace {

constexpr std::size_t kBodyBytesMax = 4096;

/// The last byte says what was asked, the one before it how many bytes come at once.
struct How {
  dynamodb::Operation operation;
  std::size_t step;
  bool to_head;
};

void answer(const How& how, http::ClientReply reply) {
  fuzz::check(reply.body.size() <= kBodyBytesMax, "no body is over the bound");
  auto understood = dynamodb::understand(how.operation, std::move(reply), from_unix_seconds(1'795'594'753));
  if (!understood) {
    dynamodb::Failure& failure = understood.error();
    fuzz::check(is_utf8(failure.error.message) || !is_utf8(failure.type), "messages are UTF-8");
    fuzz::check(!failure.error.message.empty(), "a failure says why");
    table::service::Certainty certainty(how.operation);
    certainty.add(failure);
    certainty.conclude(failure);
    return;
  }
  (void)dynamodb::read_get_item(*understood);
  (void)dynamodb::read_attributes_reply(*understood);
  (void)dynamodb::read_batch_get(*understood);
  (void)dynamodb::read_unprocessed_puts(*understood);
  (void)dynamodb::read_page(*understood);
}

/// Feeds one reply; returns what is left. Nothing if the connection is no longer usable.
std::string_view read_one(http::ReplyReader& reader, const How& how, std::string_view bytes) {
  reader.begin(how.to_head);
  while (!bytes.empty()) {
    const http::ReplyReader::Space space = reader.space();
    fuzz::check(space.size > 0, "there is always room for the next bytes");
    const std::size_t count = std::min({how.step, space.size, bytes.size()});
    std::memcpy(space.data, bytes.data(), count);
    bytes.remove_prefix(count);
    const Result<bool> complete = reader.received(count);
    if (!complete) {
      fuzz::check(complete.error().code == ErrorCode::ProtocolError,
                  "what is not a reply is a protocol error");
      return {};
    }
    if (!*complete) continue;
    const bool usable = reader.keep_alive();
    answer(how, reader.take());
    return usable ? bytes : std::string_view();
  }
  if (reader.closed()) answer(how, reader.take());
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr std::size_t kSteps[] = {1, 7, 100, 100'000};
  const How how{static_cast<dynamodb::Operation>(data[size - 1] % 13), kSteps[data[size - 2] % 4],
                data[size - 2] >= 0xf0};
  std::string_view bytes(reinterpret_cast<const char*>(data), size - 2);
  http::ReplyReader reader(kBodyBytesMax);
  while (!bytes.empty()) bytes = read_one(reader, how, bytes);
  return 0;
}
