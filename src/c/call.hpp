// A call by name: what goes in, what comes out, and the table of all of them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "c/open_store.hpp"
#include "c/params.hpp"
#include "loopstate.h"
#include "loopstate/error.hpp"

namespace loopstate::c {

struct Reply {
  std::string json = "null";
  std::vector<std::string> buffers = {};
};

/// A handler asks for every parameter, then calls `check`, then acts.
class Input : public Params {
 public:
  Input(Params params, std::span<const loopstate_bytes> buffers)
      : Params(std::move(params)), buffers_(buffers) {}

  std::size_t buffer_count() const noexcept { return buffers_.size(); }
  /// A copy of it.
  std::string buffer(std::size_t index) const {
    const auto& bytes = buffers_[index];
    return {static_cast<const char*>(bytes.data), bytes.size};
  }

  /// As Params, and InvalidArgument if there are other than `buffers` buffers.
  Result<void> check(std::size_t buffers = 0);

 private:
  std::span<const loopstate_bytes> buffers_;
};

struct Call {
  std::string_view name;
  Result<Reply> (*run)(OpenStore& store, Input& in);
};

/// By name.
std::span<const Call> all_calls();
/// Null if there is none of this name.
const Call* find_call(std::string_view name);
/// InvalidArgument, with the name that was probably meant.
std::unexpected<Error> no_such_call(std::string_view name);

// The groups, each in a file of its own.
std::span<const Call> store_calls();
std::span<const Call> context_calls();
std::span<const Call> card_calls();
std::span<const Call> transaction_calls();
std::span<const Call> session_calls();
std::span<const Call> payment_calls();
std::span<const Call> user_calls();
std::span<const Call> document_calls();
std::span<const Call> stream_calls();
std::span<const Call> question_calls();
std::span<const Call> pepper_calls();

}  // namespace loopstate::c
