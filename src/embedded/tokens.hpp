// The request tokens of transactions done in the last ten minutes.
#pragma once

#include <cstddef>
#include <string_view>

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
TokenLookup look_up_token(Changes& changes, std::string_view token, const OperationsHash& hash,
                          Timestamp now);

/// LMDB's code.
int remember_token(Changes& changes, std::string_view token, const OperationsHash& hash, Timestamp now);

/// Forgets at most `bound` tokens whose time was over by `until`; `more` if some are left.
struct TokenSweep {
  std::size_t removed = 0;
  bool more = false;
  int code = 0;
};
TokenSweep sweep_tokens(Changes& changes, Timestamp until, std::size_t bound);

}  // namespace loopstate::embedded
