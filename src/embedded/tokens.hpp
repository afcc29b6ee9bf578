// The request tokens of transactions done in the last ten minutes.
#pragma once

#include <cstddef>

#include "embedded/changes.hpp"
#include "embedded/write_request.hpp"
#include "loopstate/clock.hpp"

namespace loopstate::embedded {

inline constexpr std::chrono::seconds kTokenLifetime = std::chrono::minutes(10);

enum class TokenState : std::uint8_t { New, SameOperations, OtherOperations };

struct TokenLookup {
  TokenState state = TokenState::New;
  int code = 0;  ///< LMDB's
};
/// For a request that has a token.
TokenLookup look_up_token(Changes& changes, const WriteRequest& request);

/// LMDB's code.
int remember_token(Changes& changes, const WriteRequest& request);

/// Forgets at most `bound` tokens whose time was over by `until`; `more` if some are left.
struct TokenSweep {
  std::size_t removed = 0;
  bool more = false;
  int code = 0;
};
TokenSweep sweep_tokens(Changes& changes, Timestamp until, std::size_t bound);

}  // namespace loopstate::embedded
