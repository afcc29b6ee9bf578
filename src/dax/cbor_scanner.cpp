#include "dax/cbor_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace loopstate::dax::cbor {

ValueScanner::State ValueScanner::bad(std::string_view message) {
  problem_ = fmt::format("{} at byte {}", message, at_);
  return State::Bad;
}

/// An array, a map or a tag begins, with this many values in it. Whole: there are none.
ValueScanner::State ValueScanner::enter(const Head& head) {
  // Each takes at least one byte: no more can follow than there is room for.
  if (!head.indefinite && head.kind != Kind::Tag && head.argument > bytes_max_ - at_) {
    return bad(fmt::format("{} of {} elements, which is more than a reply may hold", to_string(head.kind),
                           head.argument));
  }
  if (depth_ == open_.size()) return bad("values nested too deeply");
  Open open;
  open.pairs = head.kind == Kind::Map;
  open.indefinite = head.indefinite;
  open.left = head.kind == Kind::Tag ? 1 : head.argument * (open.pairs ? 2 : 1);
  if (open.left == 0 && !open.indefinite) return State::Whole;
  open_[depth_++] = open;
  return State::More;
}

/// A value has ended, and with it everything whose last part it was. Whole: that was all.
ValueScanner::State ValueScanner::leave() {
  while (depth_ > 0) {
    Open& open = open_[depth_ - 1];
    open.between_pairs = !open.between_pairs;
    if (open.indefinite || --open.left > 0) return State::More;
    --depth_;
  }
  return State::Whole;
}

ValueScanner::State ValueScanner::scan(std::string_view bytes) {
  while (true) {
    Head head;
    if (at_ >= bytes_max_) return bad("a value that goes on past the most that it may have");
    if (!read_head(bytes.substr(std::min(at_, bytes.size())), head)) {
      needed_ = std::max(at_, bytes.size()) + 1;
      return State::More;
    }
    State state = State::Whole;
    std::size_t size = head.size;
    switch (head.kind) {
      case Kind::Unknown:
      case Kind::End:
        return bad(fmt::format("expected a value, found {}", to_string(head.kind)));
      case Kind::Break:
        if (depth_ == 0 || !open_[depth_ - 1].indefinite ||
            (open_[depth_ - 1].pairs && !open_[depth_ - 1].between_pairs)) {
          return bad("expected a value, found a break");
        }
        --depth_;
        break;
      case Kind::Bytes:
      case Kind::Text:
        if (head.argument > bytes_max_ - at_) {
          return bad(fmt::format("{} of {} bytes, which is more than it may have", to_string(head.kind),
                                 head.argument));
        }
        size += static_cast<std::size_t>(head.argument);
        if (bytes.size() - at_ < size) {
          needed_ = at_ + size;
          return State::More;
        }
        break;
      case Kind::Array:
      case Kind::Map:
      case Kind::Tag:
        state = enter(head);
        if (state == State::Bad) return state;
        break;
      default:
        break;
    }
    at_ += size;
    if (state == State::Whole) state = leave();
    if (state == State::Whole) return state;
  }
}

}  // namespace loopstate::dax::cbor
