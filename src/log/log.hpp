// Structured logging: a message and named fields, as a line for a person or as a JSON object.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "loopstate/error.hpp"
#include "loopstate/names.hpp"
#include "loopstate/settings.hpp"

namespace loopstate::log {

enum class Level : std::uint8_t { Debug, Info, Warn, Error, Off };
enum class Format : std::uint8_t { Text, Json };

struct Options {
  Format format = Format::Text;
  Level level = Level::Info;
};

/// LOOPSTATE_LOG is `text` or `json` (default: text on a terminal, else JSON); LOOPSTATE_LOG_LEVEL is
/// `debug`, `info`, `warn`, `error` or `off` (default: info). InvalidArgument names the variable and its
/// allowed values.
Result<Options> options_from_environment(const Environment& environment, bool terminal);

/// Named values of one line, in the order they were added. There is no way to add a fingerprint, and a secret
/// or a payload is not a type that it accepts: what may appear in a log is chosen by name, one by one.
class Fields {
 public:
  using Value = std::variant<std::string, std::int64_t, std::uint64_t, bool>;

  Fields&& add(std::string_view name, std::string_view text) &&;
  Fields&& add(std::string_view name, const char* text) && {
    return std::move(*this).add(name, std::string_view(text));
  }
  Fields&& add(std::string_view name, const std::string& text) && {
    return std::move(*this).add(name, std::string_view(text));
  }
  Fields&& add(std::string_view name, const UserId& user) && {
    return std::move(*this).add(name, std::string_view(user.text()));
  }
  Fields&& add(std::string_view name, const TransactionId& id) && {
    return std::move(*this).add(name, std::string_view(id.text()));
  }
  Fields&& add(std::string_view name, ErrorCode code) && {
    return std::move(*this).add(name, to_string(code));
  }
  Fields&& add(std::string_view name, bool value) &&;
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  Fields&& add(std::string_view name, Number value) && {
    if constexpr (std::is_signed_v<Number>) {
      return std::move(*this).add_value(name, static_cast<std::int64_t>(value));
    } else {
      return std::move(*this).add_value(name, static_cast<std::uint64_t>(value));
    }
  }
  Fields&& add(std::string_view name, const Fingerprint&) && = delete;

  /// The same on a named object.
  template <typename T>
  void put(std::string_view name, const T& value) {
    static_cast<void>(std::move(*this).add(name, value));  // adds in place
  }

  void append(const Fields& others);

  const std::vector<std::pair<std::string, Value>>& entries() const noexcept { return entries_; }

 private:
  Fields&& add_value(std::string_view name, Value value) &&;
  std::vector<std::pair<std::string, Value>> entries_;
};

/// Receives each finished line, without a newline. Called by one thread at a time.
using Sink = std::function<void(Level level, std::string_view line)>;

/// A handle: cheap to copy, may be used from several threads. Logging never fails and never throws.
class Logger {
 public:
  /// Logs nothing.
  Logger();

  static Logger to_stderr(Options options);
  static Logger to_sink(Options options, Sink sink);

  /// A logger that adds `fields` to each of its lines.
  Logger with(const Fields& fields) const;

  bool enabled(Level level) const noexcept;
  void write(Level level, std::string_view message, const Fields& fields = {}) const noexcept;
  void debug(std::string_view message, const Fields& fields = {}) const noexcept {
    write(Level::Debug, message, fields);
  }
  void info(std::string_view message, const Fields& fields = {}) const noexcept {
    write(Level::Info, message, fields);
  }
  void warn(std::string_view message, const Fields& fields = {}) const noexcept {
    write(Level::Warn, message, fields);
  }
  void error(std::string_view message, const Fields& fields = {}) const noexcept {
    write(Level::Error, message, fields);
  }

 private:
  struct Output;
  std::shared_ptr<const Output> output_;
  std::shared_ptr<const Fields> common_;
};

/// What a line says after time and level. Text: `message name=value name="a value"`; JSON: the members
/// `"message":"...","name":value`. Control characters are escaped and bytes that are not UTF-8 replaced, so
/// that nothing in a field can forge a line.
std::string format_line(Format format, std::string_view message, const Fields& common, const Fields& fields);

}  // namespace loopstate::log
