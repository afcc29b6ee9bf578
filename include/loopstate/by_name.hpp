// How the coroutine calls take what a caller would write in place: values in braces, and functions.
//
// GCC 12 destroys some temporaries of an awaited expression twice: those of classes without a constructor of
// their own, which are what braces make (aggregates) and what a lambda makes that captures by value. So the
// calls take them by name, and the forms that would crash do not compile. BlockingStore, which has no
// `co_await`, takes them in any form.
#pragma once

#include <functional>
#include <type_traits>
#include <utility>

namespace loopstate {

/// A value that has to have a name:
///
///     PurchaseRecord purchase{.transaction = ..., .fingerprint = ...};
///     auto outcome = co_await store.record_capture(purchase);
///
/// The call copies what the name stands for: it may change or go as soon as the call was made.
template <typename T>
class ByName {
 public:
  ByName(const T& named) : value_(named) {}  // NOLINT: `store.record_capture(purchase)`
  /// A temporary, or something moved from, which looks the same to a constructor.
  ByName(T&& temporary) = delete;

  const T& value() const& noexcept { return value_; }
  T value() && { return std::move(value_); }

 private:
  T value_;
};

template <typename Signature>
class FunctionByName;

/// A function that has to have a name, unless it is a lambda that captures by reference only, or nothing:
///
///     auto context = co_await store.update(user, [&](Context& read) -> Result<void> { ... });
///
///     const auto change = [amount](Context& read) -> Result<void> { ... };
///     auto context = co_await store.update(user, change);
///
/// (A capture by value of a number is fine in place as well: what counts is that nothing is to be destroyed.)
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
