// Runs the built program as a person or a script would, each test on its own store.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "json/view.hpp"
#include "loopstate/json_text.hpp"

namespace loopstate::cli_test {

struct Ran {
  int status = -1;  ///< the exit status; 128 + the signal if one ended it
  std::string out;
  std::string err;
};

struct Call {
  std::vector<std::string> arguments;
  std::string input;
  std::map<std::string, std::string> environment;
};

/// Runs it to its end. The environment is the call's, with PATH and nothing else.
Ran run_program(const Call& call);

/// The one JSON document on standard output.
struct Document {
  JsonText text;

  json::View view() const { return json::View(text); }
  std::string string(std::initializer_list<std::string_view> path) const;
  std::int64_t number(std::initializer_list<std::string_view> path) const;
  bool boolean(std::initializer_list<std::string_view> path) const;
  bool has(std::initializer_list<std::string_view> path) const { return view().find(path).has_value(); }
  std::size_t size() const { return view().elements().size(); }
  /// For a list: its element as a document.
  Document at(std::size_t index) const;
  Document member(std::string_view name) const;
};

class CliTest : public testing::Test {
 public:
  CliTest();
  ~CliTest() override;

 protected:
  std::string url() const { return "embedded:" + (folder_ / "store.db").string(); }
  std::filesystem::path path(std::string_view name) const { return folder_ / name; }
  std::string write_file(std::string_view name, std::string_view content) const;

  /// As text, on this test's store.
  Ran text(std::vector<std::string> arguments, std::string input = "") const;
  /// With --json. The output must be one document, whatever the status; `status` is the expected one.
  Document json(int status, std::vector<std::string> arguments, std::string input = "") const;
  /// Expects this error with this status.
  void fails(int status, std::string_view code, std::vector<std::string> arguments,
             std::string input = "") const;

 private:
  std::filesystem::path folder_;
};

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kMisused = 2;
inline constexpr int kNotThere = 3;
inline constexpr int kRefused = 4;

}  // namespace loopstate::cli_test
