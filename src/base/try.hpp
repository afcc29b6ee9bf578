// Passes an error on in one line: either the value gets a name, or the function returns the error.
//
//   TRY(auto row, read_row(key));            // in a function that returns a Result
//   CO_TRY(auto row, co_await get(key));     // in a coroutine
//   TRY_OK(check_name("user", text));        // when there is no value
//
// The result is kept in a separate local, which is also what GCC 12 needs around a `co_await`. `TRY(auto&
// row, ...)` refers to it instead of moving the value out.
#pragma once

#include <expected>
#include <type_traits>
#include <utility>

#define LOOPSTATE_JOIN_(a, b) a##b
#define LOOPSTATE_JOIN(a, b) LOOPSTATE_JOIN_(a, b)

#define LOOPSTATE_TRY(leave, result, declaration, ...)                      \
  auto result = __VA_ARGS__;                                                \
  if (!result) leave std::unexpected(std::move(result).error());            \
  /* NOLINTNEXTLINE(bugprone-macro-parentheses): it declares a variable. */ \
  declaration = *std::move(result)

// One statement. As the body of an `if` it needs braces: GCC warns if it cannot see which `if` an `else`
// belongs to.
#define LOOPSTATE_TRY_OK(leave, result, ...)                             \
  if (auto result = __VA_ARGS__; result) {                               \
    static_assert(std::is_void_v<typename decltype(result)::value_type>, \
                  "TRY_OK would drop a value: name it with TRY");        \
  } else                                                                 \
    leave std::unexpected(std::move(result).error())

/// `TRY(declaration, result)`: declares the result's value, or returns its error.
#define TRY(declaration, ...) \
  LOOPSTATE_TRY(return, LOOPSTATE_JOIN(result_of_line_, __LINE__), declaration, __VA_ARGS__)
/// `CO_TRY(declaration, result)`: the same in a coroutine.
#define CO_TRY(declaration, ...) \
  LOOPSTATE_TRY(co_return, LOOPSTATE_JOIN(result_of_line_, __LINE__), declaration, __VA_ARGS__)
/// `TRY_OK(result)`: continues if the result is not an error, else returns the error. The value is dropped:
/// a lock in it would be released at once. `TRY([[maybe_unused]] const auto held, ...)` keeps one until
/// the end of the block.
#define TRY_OK(...) LOOPSTATE_TRY_OK(return, LOOPSTATE_JOIN(result_of_line_, __LINE__), __VA_ARGS__)
/// `CO_TRY_OK(result)`: the same in a coroutine.
#define CO_TRY_OK(...) LOOPSTATE_TRY_OK(co_return, LOOPSTATE_JOIN(result_of_line_, __LINE__), __VA_ARGS__)
