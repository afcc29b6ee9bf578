// The shared config and credentials files of AWS tools.
// Source: "Shared config and credentials files" in the AWS SDKs and Tools reference guide.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"

namespace loopstate::aws {

using Section = std::map<std::string, std::string, std::less<>>;

/// The sections of one file by their heading's text ("default", "profile dev", "sso-session corp"). Names of
/// settings are in lower case. A nested setting ("s3 =" and indented lines below it) is "s3.name".
using ConfigFile = std::map<std::string, Section, std::less<>>;

/// InvalidArgument names `file` and the line. Comments begin with # or ;, after a value also with a space.
Result<ConfigFile> parse_config(std::string_view text, std::string_view file);

/// Both files as the environment names them (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, else
/// ~/.aws/config and ~/.aws/credentials).
/// A missing file counts as an empty one.
class SharedFiles {
 public:
  /// InvalidArgument: a file cannot be parsed, or one that the environment names cannot be read.
  static Result<SharedFiles> load(const Environment& environment);
  SharedFiles(ConfigFile config, ConfigFile credentials);

  /// The settings of a profile, with those of the credentials file first. Nothing if neither file has it.
  std::optional<Section> profile(std::string_view name) const;
  const Section* sso_session(std::string_view name) const;
  const Section* services(std::string_view name) const;

 private:
  const Section* section(std::string_view heading) const;

  ConfigFile config_;
  ConfigFile credentials_;
};

/// AWS_PROFILE, else "default".
std::string profile_name(const Environment& environment);

/// A variable that is set and not empty.
std::optional<std::string> variable(const Environment& environment, std::string_view name);

}  // namespace loopstate::aws
