#include "c/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/nearest.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"

namespace loopstate::c {
namespace {

constexpr std::size_t kShownNameBytes = 60;

}  // namespace

Result<void> Input::check(std::size_t buffers) {
  TRY_OK(Params::check());
  if (buffers_.size() != buffers) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("the call takes {} buffers, and {} were given", buffers, buffers_.size()));
  }
  return {};
}

std::span<const Call> all_calls() {
  static const std::vector<Call> calls = [] {
    std::vector<Call> all;
    for (const auto group :
         {store_calls(), context_calls(), card_calls(), transaction_calls(), session_calls(), payment_calls(),
          user_calls(), document_calls(), stream_calls(), question_calls(), pepper_calls()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    std::ranges::sort(all, std::less<>(), &Call::name);
    return all;
  }();
  return calls;
}

const Call* find_call(std::string_view name) {
  const auto calls = all_calls();
  const auto found = std::ranges::lower_bound(calls, name, std::less<>(), &Call::name);
  return found != calls.end() && found->name == name ? &*found : nullptr;
}

std::unexpected<Error> no_such_call(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& call : all_calls()) names.emplace_back(call.name);
  const auto shown = is_utf8(name) ? name.substr(0, kShownNameBytes) : "";
  const auto meant = nearest(shown, names);
  return fail(ErrorCode::InvalidArgument,
              fmt::format("there is no call \"{}\"{}", shown,
                          meant ? fmt::format("; did you mean \"{}\"?", *meant) : std::string()));
}

}  // namespace loopstate::c
