// How the coroutine calls take arguments that a caller would write in place: braced values, and functions.
//
// GCC 12 destroys some temporaries of an awaited expression twice: those whose class declares no
// constructor, which are what braces make (aggregates) and what a lambda that captures by value makes. So the
// calls take them by name, and the forms that would crash do not compile. BlockingStore has no `co_await`
// and takes them in any form.
#pragma once

#include <functional>
#include <type_traits>
#include <utility>

namespace loopstate {

/// A value that must have a name:
///
///     PurchaseRecord purchase{.transaction = ..., .fingerprint = ...};
///     auto outcome = co_await store.record_capture(purchase);
///
/// The call copies the value, which may change or be destroyed as soon as the call has been made.
template <typename T>
class ByName {
 public:
  ByName(const T& named) : value_(named) {}  // NOLINT: `store.record_capture(purchase)`
  /// A temporary, or something moved from: a constructor cannot tell the two apart.
  ByName(T&& temporary) = delete;
  /// Takes the value out of `named` instead of copying it, for one that is large.
  static ByName taking(T& named) { return ByName(Taken{}, std::move(named)); }

  const T& value() const& noexcept { return value_; }
  T value() && { return std::move(value_); }

 private:
  struct Taken {};
  ByName(Taken /*tag*/, T&& taken) : value_(std::move(taken)) {}

  T value_;
};

template <typename Signature>
class FunctionByName;

/// A function that must have a name, unless it is a lambda that captures nothing, or only by reference:
///
///     auto context = co_await store.update(user, [&](Context& read) -> Result<void> { ... });
///
///     const auto change = [amount](Context& read) -> Result<void> { ... };
///     auto context = co_await store.update(user, change);
///
/// (Capturing a number by value is fine in place too: what matters is that nothing needs destroying.)
template <typename Answer, typename... Arguments>
class FunctionByName<Answer(Arguments...)> {
 public:
  FunctionByName() = default;

  template <typename Function>
    requires(!std::is_same_v<std::remove_cvref_t<Function>, FunctionByName> &&
             std::is_invocable_r_v<Answer, std::remove_cvref_t<Function>&, Arguments...> &&
             (std::is_lvalue_reference_v<Function> || std::is_trivially_destructible_v<Function>))
  FunctionByName(Function&& function) : function_(std::forward<Function>(function)) {}  // NOLINT: as above

  explicit operator bool() const noexcept { return static_cast<bool>(function_); }
  Answer operator()(Arguments... arguments) const { return function_(std::forward<Arguments>(arguments)...); }

 private:
  std::function<Answer(Arguments...)> function_;
};

}  // namespace loopstate
