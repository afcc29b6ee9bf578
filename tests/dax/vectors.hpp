// What the official clients make of the same values: dax-vectors.json, which says where it comes from.
#pragma once

#include <string>

#include "json/view.hpp"

namespace loopstate::dax {

/// One list of the file: "numbers", "sigv4", ... Lives as long as the program.
std::vector<json::View> vectors(std::string_view list);

/// A member that is a string, or empty.
inline std::string text(const json::View& vector, std::string_view member) {
  return json::string_member(vector, member).value_or("");
}

}  // namespace loopstate::dax
