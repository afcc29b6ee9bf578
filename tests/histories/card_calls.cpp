// Cards: linked, handed over and taken away by three users.
#include <fmt/format.h>

#include "histories/calls.hpp"

namespace loopstate::histories {
namespace {

constexpr std::uint64_t kUsers = 3;

std::string card_text(const Card& card) {
  return fmt::format(R"({{"user":"{}","last4":"{}"}})", card.user.text(), card.last4);
}

std::string card_list(const std::vector<Card>& cards) {
  std::string members;
  for (const Card& card : cards) {
    members += fmt::format(R"({}"{}":"{}")", members.empty() ? "" : ",", card.fingerprint.text(), card.last4);
  }
  return "{" + members + "}";
}

class CardCalls final : public Calls {
 public:
  explicit CardCalls(const Scale& scale) : cards_(scale.keys) {}

  Invocation next(Random& random, int /*client*/, std::uint64_t /*unique*/) override {
    const std::string card = fmt::format("card{}", pick(random, static_cast<std::uint64_t>(cards_)));
    const std::string user = fmt::format("user{}", pick(random, kUsers));
    const std::uint64_t which = pick(random, 100);
    if (which < 45) return link(card, user, fmt::format("{:04}", pick(random, 4)), chance(random, 0.5));
    if (which < 65) return unlink(card, chance(random, 0.5) ? std::optional(user) : std::nullopt);
    if (which < 85) return lookup(card);
    return cards_of(user);
  }

 private:
  static Invocation link(const std::string& card, const std::string& user, const std::string& last4,
                         bool transfer) {
    return {{"link",
             card,
             fmt::format(R"({{"user":"{}","last4":"{}","transfer":{}}})", user, last4, transfer),
             "",
             {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<Card>(
                  store.link(name_of<Fingerprint>(card), name_of<UserId>(user), last4,
                             LinkOptions(std::move(options)).transfer(transfer)),
                  card_text);
            }};
  }

  static Invocation unlink(const std::string& card, const std::optional<std::string>& user) {
    return {{"unlink", card, user ? fmt::format(R"({{"user":"{}"}})", *user) : "{}", "", {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<Card>(
                  store.unlink(name_of<Fingerprint>(card),
                               UnlinkOptions(std::move(options))
                                   .owner(user ? std::optional(name_of<UserId>(*user)) : std::nullopt)),
                  card_text);
            }};
  }

  static Invocation lookup(const std::string& card) {
    return {{"lookup", card, "{}", "", {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<Card>(store.lookup(name_of<Fingerprint>(card), std::move(options)),
                                           card_text);
            },
            true};
  }

  /// About every card: the checker looks at each separately.
  static Invocation cards_of(const std::string& user) {
    return {{"cards_of", "*", fmt::format(R"({{"user":"{}"}})", user), "", {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<std::vector<Card>>(
                  store.cards_of(name_of<UserId>(user), std::move(options)), card_list);
            },
            true};
  }

  int cards_;
};

}  // namespace

std::unique_ptr<Calls> make_card_calls(const Scale& scale) {
  return std::make_unique<CardCalls>(scale);
}

}  // namespace loopstate::histories
