// Waits on the calling thread until an asynchronous call is done: what every blocking interface is made of.
#pragma once

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "async/run_to_end.hpp"
#include "loopstate/error.hpp"

namespace loopstate::store {

/// The thread's own loop is kept, since a connection belongs to the loop it was opened on.
struct ThreadLoop {
  ThreadLoop();

  boost::asio::io_context context{1};
  bool busy = false;
  unsigned generation;
};

ThreadLoop& this_threads_loop();

/// Whether this thread is ending. What is destroyed after its loop (on the main thread, everything static)
/// may still make calls.
bool is_this_thread_ending() noexcept;

/// Unavailable while the program exits.
Result<void> check_programs_end();

inline std::unexpected<Error> escaped(std::string_view what) {
  return fail(ErrorCode::Internal, fmt::format("an exception escaped a call: {}", what));
}

struct Busy {
  explicit Busy(bool& flag) : flag_(flag) { flag_ = true; }
  ~Busy() { flag_ = false; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  bool& flag_;
};

template <typename T>
Result<T> run(Task<T> task);

// Everything that calls keep for the thread is gone, not only its loop.
template <typename T>
Result<T> run_on_another_thread(Task<T> task) {
  std::optional<Result<T>> answer;
  std::thread([&] { answer = run(std::move(task)); }).join();
  return std::move(*answer);
}

/// Throws nothing: an exception from below becomes Internal.
template <typename T>
Result<T> run(Task<T> task) {
  try {
    if (auto ok = check_programs_end(); !ok) return std::unexpected(std::move(ok.error()));
    if (is_this_thread_ending()) return run_on_another_thread(std::move(task));
    ThreadLoop& loop = this_threads_loop();
    if (loop.busy) {
      boost::asio::io_context nested{1};
      return async::run_to_end(nested, std::move(task));
    }
    const Busy busy(loop.busy);
    return async::run_to_end(loop.context, std::move(task));
  } catch (const async::NoAnswer& none) {
    return fail(ErrorCode::Internal, none.what());
  } catch (const std::exception& exception) {
    return escaped(exception.what());
  } catch (...) {
    return escaped("of an unknown type");
  }
}

/// The same for a call that may fail by itself.
template <typename T>
Result<T> wait_for(Task<Result<T>> task) {
  auto answer = run(std::move(task));
  if (!answer) return std::unexpected(std::move(answer.error()));
  return std::move(*answer);
}

}  // namespace loopstate::store
