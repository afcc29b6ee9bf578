#include "process/late_signals.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

namespace loopstate::process {

void outlive_late_signals() {
  // Asio restores the default when the last set that named a signal is gone, so a set that nobody waits on is
  // enough; to ignore the signals once the others are gone would leave an instant between. Never destroyed:
  // that would be too early.
  static auto* const never_run = new boost::asio::io_context;
  static auto* const signals = new boost::asio::signal_set(*never_run, SIGTERM, SIGINT);
  static_cast<void>(signals);
}

}  // namespace loopstate::process
