// The coroutine type of every asynchronous call. Only forward-declared here, so that including loopstate does
// not bring in Boost.Asio: code that writes `co_await` includes <boost/asio/awaitable.hpp> itself.
#pragma once

namespace boost::asio {
class any_io_executor;
template <typename T, typename Executor>
class awaitable;
}  // namespace boost::asio

namespace loopstate {

/// A call in progress: a lazy C++20 coroutine, started by `co_await` or by `boost::asio::co_spawn`. It
/// resumes on the executor it was started on. Cancelling it (Asio's cancellation slots) cancels what it is
/// waiting for.
template <typename T>
using Task = boost::asio::awaitable<T, boost::asio::any_io_executor>;

}  // namespace loopstate
