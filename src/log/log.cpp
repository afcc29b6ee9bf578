#include "log/log.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <mutex>

#include "base/try.hpp"

namespace loopstate::log {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::Debug:
      return spdlog::level::debug;
    case Level::Info:
      return spdlog::level::info;
    case Level::Warn:
      return spdlog::level::warn;
    case Level::Error:
      return spdlog::level::err;
    case Level::Off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

Level from_spdlog(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return Level::Debug;
    case spdlog::level::info:
      return Level::Info;
    case spdlog::level::warn:
      return Level::Warn;
    default:
      return Level::Error;
  }
}

/// Hands each line to a function.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(Sink function) : function_(std::move(function)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    function_(from_spdlog(message.level), std::string_view(line.data(), line.size()));
  }
  void flush_() override {}

 private:
  Sink function_;
};

template <typename T>
Result<T> choose(const Environment& environment, std::string_view variable, T otherwise,
                 const std::vector<std::pair<std::string_view, T>>& choices) {
  const auto text = environment(variable);
  if (!text || text->empty()) return otherwise;
  std::string allowed;
  for (const auto& [name, value] : choices) {
    if (*text == name) return value;
    allowed += fmt::format("{}\"{}\"", allowed.empty() ? "" : ", ", name);
  }
  return fail(ErrorCode::InvalidArgument, fmt::format("{} is \"{}\"; it must be one of {}", variable,
                                                      std::string_view(*text).substr(0, 32), allowed));
}

}  // namespace

struct Logger::Output {
  Format format;
  Level level;
  std::unique_ptr<spdlog::logger> logger;

  Output(Options options, spdlog::sink_ptr sink, const char* end_of_line)
      : format(options.format),
        level(options.level),
        logger(std::make_unique<spdlog::logger>("loopstate", std::move(sink))) {
    const char* pattern = format == Format::Json ? kJsonPattern : kTextPattern;
    logger->set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc, end_of_line));
    logger->set_level(to_spdlog(level));
    logger->set_error_handler([](const std::string&) {});  // nowhere left to report it
  }
};

Fields&& Fields::add(std::string_view name, std::string_view text) && {
  return std::move(*this).add_value(name, std::string(text));
}

Fields&& Fields::add(std::string_view name, bool value) && {
  return std::move(*this).add_value(name, value);
}

Fields&& Fields::add_value(std::string_view name, Value value) && {
  entries_.emplace_back(std::string(name), std::move(value));
  return std::move(*this);
}

void Fields::append(const Fields& others) {
  entries_.insert(entries_.end(), others.entries_.begin(), others.entries_.end());
}

Logger::Logger() : common_(std::make_shared<const Fields>()) {}

Logger Logger::to_stderr(Options options) {
  Logger logger;
  logger.output_ =
      std::make_shared<const Output>(options, std::make_shared<spdlog::sinks::stderr_color_sink_mt>(), "\n");
  return logger;
}

Logger Logger::to_sink(Options options, Sink sink) {
  Logger logger;
  logger.output_ =
      std::make_shared<const Output>(options, std::make_shared<FunctionSink>(std::move(sink)), "");
  return logger;
}

Logger Logger::with(const Fields& fields) const {
  auto common = std::make_shared<Fields>(*common_);
  common->append(fields);
  Logger logger = *this;
  logger.common_ = std::move(common);
  return logger;
}

bool Logger::enabled(Level level) const noexcept {
  return output_ && level != Level::Off && level >= output_->level;
}

void Logger::write(Level level, std::string_view message, const Fields& fields) const noexcept {
  if (!enabled(level)) return;
  try {
    const auto line = format_line(output_->format, message, *common_, fields);
    output_->logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  } catch (...) {  // NOLINT(bugprone-empty-catch): out of memory while logging; the work goes on
  }
}

Result<Options> options_from_environment(const Environment& environment, bool terminal) {
  TRY(const auto format, choose<Format>(environment, "LOOPSTATE_LOG", terminal ? Format::Text : Format::Json,
                                        {{"text", Format::Text}, {"json", Format::Json}}));
  TRY(const auto level, choose<Level>(environment, "LOOPSTATE_LOG_LEVEL", Level::Info,
                                      {{"debug", Level::Debug},
                                       {"info", Level::Info},
                                       {"warn", Level::Warn},
                                       {"error", Level::Error},
                                       {"off", Level::Off}}));
  return Options{format, level};
}

}  // namespace loopstate::log
