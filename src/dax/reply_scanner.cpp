#include "dax/reply_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dax/cbor_reader.hpp"

namespace loopstate::dax {
namespace {

constexpr std::uint32_t kErrorValues = 3;
constexpr std::size_t kSmallReply = 4u << 10;

std::unexpected<Error> no_reply(Method method, std::string_view why) {
  return fail(ErrorCode::ProtocolError,
              fmt::format("the reply to {} is not one of a DAX cluster: {}", to_string(method), why), true);
}

}  // namespace

ReplyScanner::ReplyScanner(Method method) : method_(method), value_(0, reply_bytes_max(method)) {}

Result<std::optional<std::size_t>> ReplyScanner::scan(std::string_view bytes) {
  using State = cbor::ValueScanner::State;
  while (true) {
    // Anything but a list of codes shows in its first byte, and is not waited for.
    if (values_ == 0 && !bytes.empty() && cbor::Reader(bytes).peek() != cbor::Kind::Array) {
      return no_reply(method_, fmt::format("expected {}, found {} at byte 0", to_string(cbor::Kind::Array),
                                           to_string(cbor::Reader(bytes).peek())));
    }
    const State state = value_.scan(bytes);
    if (state == State::Bad) return no_reply(method_, value_.problem());
    if (state == State::More) return std::nullopt;
    if (values_ == 0) {
      cbor::Reader codes(bytes);
      cbor::Sequence array;
      values_max_ = codes.begin_array(array) && codes.next(array) ? kErrorValues : 1 + result_values(method_);
    }
    if (++values_ == values_max_) return value_.end();
    value_ = cbor::ValueScanner(value_.end(), reply_bytes_max(method_));
  }
}

std::size_t ReplyScanner::room(std::size_t arrived) const noexcept {
  return std::max(arrived + kSmallReply, std::min(value_.needed(), 2 * arrived));
}

}  // namespace loopstate::dax
