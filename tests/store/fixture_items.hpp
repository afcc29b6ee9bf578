// The items that the Rust crate wrote: tests/fixtures/rust-sdk-items.json.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/value.hpp"

namespace loopstate::testing {

/// All of them, as items of the port.
std::vector<table::Item> rust_items();

/// The one with that sort key (or one that begins with it).
table::Item rust_item(std::string_view sort_prefix);

/// Its string attribute of that name.
std::string rust_text(std::string_view sort_prefix, std::string_view attribute);

}  // namespace loopstate::testing
