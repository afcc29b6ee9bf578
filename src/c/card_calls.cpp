// lookup, link, unlink, cards_of.
#include <array>

#include "base/try.hpp"
#include "c/call.hpp"
#include "c/replies.hpp"

namespace loopstate::c {
namespace {

Result<Reply> lookup(OpenStore& open, Input& in) {
  auto fingerprint = in.name<Fingerprint>("fingerprint");
  auto options = in.read();
  TRY_OK(in.check());
  TRY(const auto card, open.store.lookup(std::move(fingerprint), std::move(options)));
  return Reply{to_json(card)};
}

Result<Reply> link(OpenStore& open, Input& in) {
  auto fingerprint = in.name<Fingerprint>("fingerprint");
  auto user = in.name<UserId>("user");
  auto last4 = in.text("last4");
  LinkOptions options(in.write_call());
  options.transfer(in.flag("transfer"));
  TRY_OK(in.check());
  TRY(const auto card,
      open.store.link(std::move(fingerprint), std::move(user), std::move(last4), std::move(options)));
  return Reply{linked_json(card)};
}

Result<Reply> unlink(OpenStore& open, Input& in) {
  auto fingerprint = in.name<Fingerprint>("fingerprint");
  UnlinkOptions options(in.write_call());
  options.owner(in.optional_name<UserId>("owner"));
  TRY_OK(in.check());
  TRY(const auto card, open.store.unlink(std::move(fingerprint), std::move(options)));
  return Reply{to_json(card)};
}

Result<Reply> cards_of(OpenStore& open, Input& in) {
  auto user = in.name<UserId>("user");
  auto options = in.read();
  TRY_OK(in.check());
  TRY(const auto cards, open.store.cards_of(std::move(user), std::move(options)));
  return Reply{json::array(cards)};
}

}  // namespace

std::span<const Call> card_calls() {
  static constexpr std::array kCalls{Call{"lookup", lookup}, Call{"link", link}, Call{"unlink", unlink},
                                     Call{"cards_of", cards_of}};
  return kCalls;
}

}  // namespace loopstate::c
