// Items, operations and answers as text, for comparison and for the person who reads a failure.
#pragma once

#include <string>

#include "table/table.hpp"

namespace loopstate::table {

std::string text_of(const Value& value);
std::string text_of(const Key& key);
std::string text_of(const Item& item);
std::string text_of(const std::optional<Item>& item);
std::string text_of(const Condition& condition);
std::string text_of(const Update& update);
std::string text_of(const Operation& operation);

}  // namespace loopstate::table
