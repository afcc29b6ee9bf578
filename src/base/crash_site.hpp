// A build for tests in which the process can be killed wherever a coroutine waits: see
// cmake/CrashSites.cmake.
//
// Boost.Asio includes this as its custom handler tracking, so that every operation that an `await` starts,
// and every one that resumes it, is a crash site: none can be forgotten. Between two sites nothing that
// this process does is visible to anybody else, except for the one call in between.
#pragma once

namespace loopstate {

/// Counts, from 1 over all threads. At the number given by LOOPSTATE_CRASH_AT it ends the process with
/// SIGKILL.
void crash_site() noexcept;

}  // namespace loopstate

// What Asio requires, in the order of its documentation.
#define BOOST_ASIO_INHERIT_TRACKED_HANDLER
#define BOOST_ASIO_ALSO_INHERIT_TRACKED_HANDLER
#define BOOST_ASIO_HANDLER_TRACKING_INIT (void)0
#define BOOST_ASIO_HANDLER_LOCATION(location) (void)0
#define BOOST_ASIO_HANDLER_CREATION(operation) ::loopstate::crash_site()
#define BOOST_ASIO_HANDLER_COMPLETION(handler) (void)0
#define BOOST_ASIO_HANDLER_INVOCATION_BEGIN(arguments) ::loopstate::crash_site()
#define BOOST_ASIO_HANDLER_INVOCATION_END (void)0
#define BOOST_ASIO_HANDLER_OPERATION(operation) (void)0
#define BOOST_ASIO_HANDLER_REACTOR_REGISTRATION(arguments) (void)0
#define BOOST_ASIO_HANDLER_REACTOR_DEREGISTRATION(arguments) (void)0
#define BOOST_ASIO_HANDLER_REACTOR_READ_EVENT 0
#define BOOST_ASIO_HANDLER_REACTOR_WRITE_EVENT 0
#define BOOST_ASIO_HANDLER_REACTOR_ERROR_EVENT 0
#define BOOST_ASIO_HANDLER_REACTOR_EVENTS(arguments) (void)0
#define BOOST_ASIO_HANDLER_REACTOR_OPERATION(arguments) (void)0
