// Reading the attributes of a row: a missing one, or one of another type, is a CorruptItem naming the item.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/money.hpp"
#include "table/value.hpp"

namespace loopstate::store {

/// CorruptItem, naming the item and what is wrong with it.
std::unexpected<Error> corrupt(const table::Key& key, std::string_view what);

/// Reads a typed attribute of a row; CorruptItem if it is absent or of another type.
Result<std::string> need_string(const table::Item& item, std::string_view name);
/// Unknown if it is absent; CorruptItem if it is not three capital letters.
Result<Currency> read_currency(const table::Item& item);
Result<Timestamp> need_time(const table::Item& item, std::string_view name);
Result<std::uint64_t> need_uint64(const table::Item& item, std::string_view name);

/// The user was erased: the tombstone is in the context's place.
bool is_tombstone(const table::Item& item);

}  // namespace loopstate::store
