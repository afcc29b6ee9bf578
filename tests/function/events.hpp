// The events of tests/fixtures/lambda, with a test's own values put in.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/base64.hpp"
#include "json/writer.hpp"

namespace loopstate::function {

using Values = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// `text` with every `from` replaced; there must be one.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  EXPECT_TRUE(text.contains(from)) << from;
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// What goes between the quotes of the string literal for `text`.
inline std::string escaped(std::string_view text) {
  std::string literal;
  json::append_string(literal, text);
  return literal.substr(1, literal.size() - 2);
}

inline std::string event(std::string_view name, Values values = {}) {
  std::ifstream file(std::string(LOOPSTATE_FIXTURES) + "/lambda/" + std::string(name) + ".json",
                     std::ios::binary);
  EXPECT_TRUE(file) << name;
  std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const auto& [word, value] : values) text = with(std::move(text), word, escaped(value));
  return text;
}

}  // namespace loopstate::function
