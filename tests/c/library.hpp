// The library for C as a program sees it: only loopstate.h, with owners of what it returns.
#pragma once

#include <stdlib.h>

#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/view.hpp"
#include "loopstate.h"

namespace loopstate::c {

inline loopstate_bytes bytes_of(std::string_view text) {
  return {text.data(), text.size()};
}

/// An answer that frees itself.
class Answer {
 public:
  explicit Answer(loopstate_answer* answer) : answer_(answer) {}
  Answer(Answer&& other) noexcept : answer_(std::exchange(other.answer_, nullptr)) {}
  Answer& operator=(Answer&& other) noexcept {
    std::swap(answer_, other.answer_);
    return *this;
  }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { loopstate_free(answer_); }

  bool ok() const { return loopstate_ok(answer_) == 1; }
  std::string json() const { return text_of(loopstate_json(answer_)); }
  std::size_t buffers() const { return loopstate_buffer_count(answer_); }
  std::string buffer(std::size_t index = 0) const { return text_of(loopstate_buffer(answer_, index)); }
  const loopstate_answer* get() const { return answer_; }

  /// Of an error; "ok" for a success.
  std::string code() const { return ok() ? "ok" : member("code"); }
  std::string message() const { return ok() ? json() : member("message"); }
  /// A member as text, without quotes if it is a string; empty if there is none.
  std::string member(std::string_view name) const {
    const auto text = json();
    const auto found = json::View(text).find(name);
    if (!found) return {};
    return found->string().value_or(std::string(found->text()));
  }

 private:
  static std::string text_of(loopstate_bytes bytes) {
    return bytes.size == 0 ? std::string() : std::string(static_cast<const char*>(bytes.data), bytes.size);
  }
  loopstate_answer* answer_;
};

inline Answer call(loopstate_store store, const char* name, std::string_view json,
                   const std::vector<std::string>& buffers = {}) {
  std::vector<loopstate_bytes> bytes;
  for (const auto& one : buffers) bytes.push_back(bytes_of(one));
  return Answer(loopstate_call(store, name, bytes_of(json), bytes.data(), bytes.size()));
}

inline std::string settings_for(std::string_view file) {
  return R"({"url":"embedded:)" + std::string(file) + R"("})";
}

/// Removed with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "loopstate-c-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name = "store.db") const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A store in a folder of its own, closed at the end.
class TestStore {
 public:
  TestStore() {
    const auto settings = settings_for(path());
    const Answer opened(loopstate_open(bytes_of(settings), &handle_));
    if (!opened.ok()) throw std::runtime_error(opened.json());
  }
  TestStore(const TestStore&) = delete;
  TestStore& operator=(const TestStore&) = delete;
  ~TestStore() { loopstate_free(loopstate_close(handle_)); }

  Answer call(const char* name, std::string_view json, const std::vector<std::string>& buffers = {}) const {
    return c::call(handle_, name, json, buffers);
  }
  loopstate_store handle() const { return handle_; }
  std::string path() const { return folder_.file(); }

 private:
  Folder folder_;
  loopstate_store handle_ = 0;
};

}  // namespace loopstate::c
