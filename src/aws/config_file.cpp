#include "aws/config_file.hpp"

#include <fmt/format.h>

#include <cstring>

#include "base/ascii.hpp"
#include "base/read_file.hpp"
#include "base/try.hpp"

namespace loopstate::aws {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// A value without the comment after it.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i) {
    const bool begins = value[i] == '#' || value[i] == ';';
    if (begins && (value[i - 1] == ' ' || value[i - 1] == '\t')) return trim(value.substr(0, i));
  }
  return value;
}

// "profile  dev" is the same as "profile dev".
std::string heading(std::string_view text) {
  std::string joined;
  for (std::size_t at = 0; at < text.size();) {
    const auto first = text.find_first_not_of(kSpace, at);
    if (first == std::string_view::npos) break;
    at = std::min(text.find_first_of(kSpace, first), text.size());
    if (!joined.empty()) joined += ' ';
    joined += text.substr(first, at - first);
  }
  return joined;
}

class Parser {
 public:
  explicit Parser(std::string_view file) : file_(file) {}

  Result<void> line(std::string_view text) {
    ++number_;
    const bool indented = !text.empty() && (text[0] == ' ' || text[0] == '\t');
    const auto content = trim(text);
    if (content.empty() || content[0] == '#' || content[0] == ';') return {};
    if (content[0] == '[') return open_section(content);
    if (section_ == nullptr) return wrong("comes before the first [section]");
    return setting(content, indented);
  }

  ConfigFile take() { return std::move(result_); }

 private:
  std::unexpected<Error> wrong(std::string_view what) const {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} line {} {}", file_, number_, what));
  }

  Result<void> open_section(std::string_view content) {
    const auto end = content.find(']');
    if (end == std::string_view::npos) return wrong("opens a section without closing the bracket");
    section_ = &result_[heading(content.substr(1, end - 1))];
    parent_.clear();
    return {};
  }

  Result<void> setting(std::string_view content, bool indented) {
    const auto equals = content.find('=');
    if (equals == std::string_view::npos) return wrong("is neither a section nor a setting (name = value)");
    const auto name = ascii_lower(trim(content.substr(0, equals)));
    if (name.empty()) return wrong("has no name before the equals sign");
    const auto value = without_comment(trim(content.substr(equals + 1)));
    if (indented && !parent_.empty()) {
      section_->insert_or_assign(fmt::format("{}.{}", parent_, name), std::string(value));
      return {};
    }
    parent_ = value.empty() ? name : std::string();
    section_->insert_or_assign(name, std::string(value));
    return {};
  }

  std::string_view file_;
  std::size_t number_ = 0;
  ConfigFile result_;
  Section* section_ = nullptr;
  std::string parent_;  // of the settings nested below it
};

Result<ConfigFile> load_file(const std::string& path, bool must_exist) {
  const auto text = read_file(path);
  if (!text) {
    if (!must_exist) return ConfigFile{};
    return fail(ErrorCode::InvalidArgument,
                fmt::format("cannot read {}: {}", path, std::strerror(text.error())));
  }
  return parse_config(*text, path);
}

Result<ConfigFile> load_named(const Environment& environment, std::string_view name,
                              std::string_view in_home) {
  if (const auto path = variable(environment, name)) return load_file(*path, true);
  const auto home = variable(environment, "HOME");
  if (!home) return ConfigFile{};
  return load_file(*home + std::string(in_home), false);
}

}  // namespace

Result<ConfigFile> parse_config(std::string_view text, std::string_view file) {
  Parser parser(file);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    TRY_OK(parser.line(text.substr(at, end - at)));
    at = end + 1;
  }
  return parser.take();
}

Result<SharedFiles> SharedFiles::load(const Environment& environment) {
  TRY(auto config, load_named(environment, "AWS_CONFIG_FILE", "/.aws/config"));
  TRY(auto credentials, load_named(environment, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials"));
  return SharedFiles(std::move(config), std::move(credentials));
}

SharedFiles::SharedFiles(ConfigFile config, ConfigFile credentials)
    : config_(std::move(config)), credentials_(std::move(credentials)) {}

std::optional<Section> SharedFiles::profile(std::string_view name) const {
  std::optional<Section> merged;
  if (const auto found = credentials_.find(name); found != credentials_.end()) merged = found->second;
  const Section* in_config = section(fmt::format("profile {}", name));
  if (in_config == nullptr && name == "default") in_config = section(name);
  if (in_config == nullptr) return merged;
  if (!merged) merged.emplace();
  merged->insert(in_config->begin(), in_config->end());
  return merged;
}

const Section* SharedFiles::sso_session(std::string_view name) const {
  return section(fmt::format("sso-session {}", name));
}

const Section* SharedFiles::services(std::string_view name) const {
  return section(fmt::format("services {}", name));
}

const Section* SharedFiles::section(std::string_view heading) const {
  const auto found = config_.find(heading);
  return found == config_.end() ? nullptr : &found->second;
}

std::string profile_name(const Environment& environment) {
  return variable(environment, "AWS_PROFILE").value_or("default");
}

std::optional<std::string> variable(const Environment& environment, std::string_view name) {
  auto value = environment(name);
  return value && !value->empty() ? value : std::nullopt;
}

}  // namespace loopstate::aws
