// Work that many need and one does.
#pragma once

#include <boost/asio/execution_context.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/task.hpp"

namespace loopstate::async {

/// Work is identified by a key, and done once at a time on each event loop: a waiter never depends on
/// another loop, which may stand still. May be used from several threads and event loops.
class SingleFlight : public std::enable_shared_from_this<SingleFlight> {
  using Place = std::pair<const boost::asio::execution_context*, std::string>;

 public:
  /// Whoever holds it does the work; when it is destroyed, the waiters continue.
  class Flight {
   public:
    Flight() = default;
    Flight(Flight&&) = default;
    Flight& operator=(Flight&&) = delete;
    ~Flight() {
      if (owner_ != nullptr) owner_->land(place_);
    }

   private:
    friend class SingleFlight;
    Flight(std::shared_ptr<SingleFlight> owner, Place place)
        : owner_(std::move(owner)), place_(std::move(place)) {}
    std::shared_ptr<SingleFlight> owner_;
    Place place_;
  };

  enum class Part : std::uint8_t {
    Fly,       ///< the work is the caller's
    Landed,    ///< somebody else has ended it, successfully or not
    Late,      ///< the deadline passed first
    Cancelled  ///< the caller was cancelled
  };
  struct Joined {
    Part part = Part::Landed;
    Flight flight;  ///< empty unless the caller flies
  };
  Task<Joined> join(std::string key, Deadline deadline);

 private:
  struct Waiter;
  void land(const Place& place);

  std::mutex mutex_;
  std::map<Place, std::vector<std::shared_ptr<Waiter>>> flights_;
};

}  // namespace loopstate::async
