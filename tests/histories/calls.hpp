// Random calls of the public interface, one kind of state each, with their answers as JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "histories/recorder.hpp"
#include "loopstate/blocking.hpp"

namespace loopstate::histories {

using Random = std::mt19937_64;

/// 0 to `count` - 1.
inline std::uint64_t pick(Random& random, std::uint64_t count) {
  return random() % count;
}
inline bool chance(Random& random, double share) {
  return static_cast<double>(random() % 1'000'000) < share * 1'000'000;
}

/// One call, which any caller can make, and repeat.
struct Invocation {
  RecordedCall recorded;
  std::function<Answer(BlockingStore&, CallOptions)> make;
  bool reads = false;  ///< it takes no request id
};

/// What the callers of one process do to one kind of state. `next` may be called from several threads.
class Calls {
 public:
  virtual ~Calls() = default;
  /// `client` makes it; `unique` is a number that no other call in the history has.
  virtual Invocation next(Random& random, int client, std::uint64_t unique) = 0;
  /// How often a caller's clock advances (by 300 s) between two calls.
  virtual double clock_moves() const { return 0; }
};

struct Scale {
  int keys = 2;  ///< how many users, cards or transactions the calls are spread over
};

/// What must exist before the calls begin, made once per history.
Result<void> prepare_state(std::string_view kind, BlockingStore& store, const Scale& scale);
std::unique_ptr<Calls> make_calls(std::string_view kind, const Scale& scale);

std::unique_ptr<Calls> make_session_calls(const Scale& scale);
std::unique_ptr<Calls> make_context_calls(const Scale& scale);
std::unique_ptr<Calls> make_claim_calls(const Scale& scale);
std::unique_ptr<Calls> make_card_calls(const Scale& scale);
std::unique_ptr<Calls> make_ring_calls(const Scale& scale);
std::unique_ptr<Calls> make_document_calls(const Scale& scale);

/// For the ring: the card of a user.
Fingerprint card_of(const std::string& user);

/// For names that these sources make up.
template <typename Name>
Name name_of(const std::string& text) {
  return Name::parse(text).value();
}

template <typename T>
Answer answer_or_error(Result<T> result, const std::function<std::string(const T&)>& text) {
  if (!result) return std::unexpected(std::move(result.error()));
  return text(*result);
}

}  // namespace loopstate::histories
