// A location as a person sees it.
#include "base/timestamp.hpp"
#include "json/writer.hpp"
#include "loopstate/location.hpp"

namespace loopstate {

std::string to_json(const Location& location) {
  json::Writer json;
  json.begin_object();
  json.key("merchant_id").string(location.merchant.text());
  json.key("entered_at").number(unix_seconds(location.entered_at));
  json.end_object();
  return std::move(json).take();
}

}  // namespace loopstate
