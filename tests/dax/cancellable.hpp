// A call that a test cancels.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <future>
#include <utility>

#include "loopstate/error.hpp"
#include "loopstate/task.hpp"

namespace loopstate::dax {

template <typename Answer>
class Cancellable {
 public:
  /// Begins at once.
  Cancellable(const boost::asio::any_io_executor& executor, Task<Result<Answer>> task) : executor_(executor) {
    boost::asio::co_spawn(
        executor, std::move(task),
        boost::asio::bind_cancellation_slot(signal_.slot(),
                                            [this](const std::exception_ptr& thrown, Result<Answer> answer) {
                                              if (thrown) return promise_.set_exception(thrown);
                                              promise_.set_value(std::move(answer));
                                            }));
  }

  /// How it ends; throws what it throws.
  Result<Answer> cancel() {
    boost::asio::post(executor_, [this] { signal_.emit(boost::asio::cancellation_type::terminal); });
    return promise_.get_future().get();
  }

 private:
  boost::asio::any_io_executor executor_;
  boost::asio::cancellation_signal signal_;
  std::promise<Result<Answer>> promise_;
};

}  // namespace loopstate::dax
