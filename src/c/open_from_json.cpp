#include "c/open_from_json.hpp"

#include <map>
#include <optional>
#include <string>

#include "base/store_url.hpp"
#include "base/try.hpp"
#include "c/params.hpp"
#include "open/open_store.hpp"

namespace loopstate::c {
namespace {

using Variables = std::map<std::string, std::optional<std::string>, std::less<>>;

Variables read_variables(Params& in) {
  Variables variables;
  auto given = in.optional_object("settings");
  if (!given) return variables;
  for (const auto& name : given->names()) variables[name] = given->optional_text(name);
  return variables;
}

}  // namespace

Result<std::unique_ptr<OpenStore>> open_from_json(std::string_view json) {
  TRY(auto in, Params::parse(json));
  const auto url = in.optional_text("url");
  const auto mode = in.one_of<OpenMode>(
      "mode", {{"create_if_missing", OpenMode::CreateIfMissing}, {"existing", OpenMode::Existing}});
  auto variables = read_variables(in);
  TRY_OK(in.check());
  if (url) {
    TRY_OK(check_store_url("url", *url));
    variables["LOOPSTATE_URL"] = *url;
  }
  const Environment environment = [variables = std::move(variables), process = process_environment()](
                                      std::string_view name) -> std::optional<std::string> {
    const auto given = variables.find(name);
    return given == variables.end() ? process(name) : given->second;
  };
  TRY(auto settings, Settings::from_environment(environment));
  TRY(auto store, loopstate::open_store(settings, mode, environment));
  return std::make_unique<OpenStore>(std::move(store), std::move(settings));
}

}  // namespace loopstate::c
