// One item as it goes over the wire.
#pragma once

#include <string_view>

#include "table/value.hpp"

namespace loopstate::dax {

inline const table::Key kKey{"USER#1", "CARD#1"};
inline constexpr std::string_view kKeyHex = "4d 66 555345522331 434152442331";

/// n = 42, name = "Ann": with list 2, which has these two names.
inline table::Item ann(table::Key key = kKey) {
  return table::Item{std::move(key), {{"n", table::Value::number(std::int64_t{42})}, {"name", "Ann"}}};
}
inline constexpr std::string_view kAnnHex = "47 02 182a 63 416e6e";

}  // namespace loopstate::dax
