// The engine on a test cluster, with the test's own table behind it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <string>

#include "dax/open_dax.hpp"
#include "loopstate/settings.hpp"
#include "table/table.hpp"

namespace loopstate::dax {

/// Makes a table on the DynamoDB server that is behind every test cluster. Throws std::runtime_error.
std::string make_table(const boost::asio::any_io_executor& executor);

/// An environment with the credentials that the test server accepts; `more` is added to it, or overrides it.
Environment test_environment(std::map<std::string, std::string> more = {});

/// The cluster alone. Throws std::runtime_error if it cannot be opened.
std::shared_ptr<table::Table> open_on_cluster(OpenOptions options,
                                              const Environment& environment = test_environment());

/// The table itself, on the DynamoDB server.
std::shared_ptr<table::Table> open_service(const std::string& table);

/// For suites: a new table behind the cluster that all tests share, as a store opens it. A call that
/// falls back fails the test.
std::shared_ptr<table::Table> open_suite_table(const boost::asio::any_io_executor& executor);

}  // namespace loopstate::dax
