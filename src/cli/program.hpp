// What every command needs: the settings, the store, and the loop that its calls run on.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "async/run_to_end.hpp"
#include "cli/arguments.hpp"
#include "cli/terminal.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/store.hpp"
#include "table/table.hpp"

namespace loopstate::cli {

/// Options that may come before or after any command.
struct GlobalOptions {
  std::optional<std::string> url;
  std::optional<std::string> timeout;
  bool json = false;
};

/// What a command works with once its arguments are read.
struct Opened {
  Store store;
  CallOptions options;
};

/// The same for a command about one user.
struct OpenedForUser {
  UserId user;
  Store store;
  CallOptions options;
};

class Program {
 public:
  explicit Program(GlobalOptions options) : options_(std::move(options)) {}

  bool json() const noexcept { return options_.json; }
  const Style& style() const noexcept { return style_; }

  /// The URL of `--store`, if it was given.
  const std::optional<std::string>& named_store() const noexcept { return options_.url; }

  /// From the environment; `--store` overrides LOOPSTATE_URL.
  Result<Settings> settings() const;
  /// The same for another store; `given_as` is what an error blames ("--store", "FROM").
  Result<Settings> settings_for(std::string_view given_as, const std::string& url) const;
  /// Only a command whose purpose is to add something creates a store: any other one, run in the wrong
  /// folder, says that there is none.
  Result<Store> open(OpenMode mode = OpenMode::Existing) const;
  Result<std::shared_ptr<table::Table>> open_table(OpenMode mode = OpenMode::Existing) const;

  /// The store and the call's options, opened last: a line that makes no sense touches no store.
  Result<Opened> begin(const Arguments& arguments, OpenMode mode = OpenMode::Existing) const;

  /// For commands where USER says whom they are about, and nothing else has to be read.
  Result<OpenedForUser> begin_for_user(const Arguments& arguments, OpenMode mode = OpenMode::Existing) const;

  /// The deadline of `--timeout` and the id of `--request-id`.
  Result<CallOptions> call_options(const Arguments& arguments) const;

  /// `--timeout`, or the configured one: for commands of many requests, each of which may take this long.
  Result<std::chrono::milliseconds> request_timeout() const;

  template <typename T>
  T run(Task<T> task) {
    return async::run_to_end(loop_, std::move(task));
  }
  boost::asio::io_context& loop() noexcept { return loop_; }

 private:
  Result<Settings> with_timeout(Result<Settings> settings) const;

  GlobalOptions options_;
  Style style_ = Style::for_stdout();
  boost::asio::io_context loop_{1};
};

}  // namespace loopstate::cli
