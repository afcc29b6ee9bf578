// Memory that runs out in the middle of a call: an error or an answer, and nothing is broken afterwards.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "c/library.hpp"

namespace {

/// How many allocations of this thread succeed before one fails; below 0: all do.
thread_local long left = -1;

void* allocate(std::size_t size) noexcept {
  if (left >= 0 && left-- == 0) return nullptr;
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

// In place of the standard library's, also for the library.
void* operator new(std::size_t size) {
  if (void* const memory = allocate(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace loopstate::c {
namespace {

/// The call with its first allocation failing, then with its second, and so on until it needs no more. How
/// many errors there were.
int fail_every_allocation(const TestStore& store, const char* name, std::string_view json,
                          std::string_view body = {}) {
  constexpr long kMost = 5000;
  const auto buffer = bytes_of(body);
  int errors = 0;
  for (long n = 0; n < kMost; ++n) {
    left = n;
    auto* const answer = loopstate_call(store.handle(), name, bytes_of(json), &buffer, body.empty() ? 0 : 1);
    const bool reached = left < 0;
    left = -1;
    const Answer owned(answer);
    if (!owned.ok()) {
      ++errors;
      EXPECT_TRUE(owned.code() == "Unavailable" || owned.code() == "Internal" ||
                  owned.code() == "OutcomeUnknown")
          << owned.json();
    }
    if (!reached) return errors;
  }
  ADD_FAILURE() << name << " needs more than " << kMost << " allocations";
  return errors;
}

TEST(CMemory, AReadThatRunsOutOfMemoryIsAnError) {
  const TestStore store;
  ASSERT_TRUE(store.call("get_or_init", R"({"user":"U1"})").ok());
  EXPECT_GT(fail_every_allocation(store, "fetch", R"({"user":"U1"})"), 3);
  EXPECT_GT(fail_every_allocation(store, "cards_of", R"({"user":"U1"})"), 3);
  EXPECT_TRUE(store.call("fetch", R"({"user":"U1"})").ok());
}

TEST(CMemory, AWriteThatRunsOutOfMemoryIsAnErrorAndTheNextOneIsMade) {
  const TestStore store;
  ASSERT_TRUE(store.call("get_or_init", R"({"user":"U1"})").ok());
  EXPECT_GT(fail_every_allocation(store, "push_event", R"({"user":"U1","event":{"event_type":"e"}})"), 3);
  EXPECT_GT(
      fail_every_allocation(store, "documents.put", R"({"user":"U1","collection":"c","key":"k"})", "body"),
      3);
  EXPECT_TRUE(store.call("push_event", R"({"user":"U1","event":{"event_type":"e"}})").ok());
}

TEST(CMemory, AnInvalidCallThatRunsOutOfMemoryIsAnError) {
  const TestStore store;
  constexpr long kMost = 1000;
  for (long n = 0; n < kMost; ++n) {
    left = n;
    auto* const answer =
        loopstate_call(store.handle(), "lookup", bytes_of(R"({"fingerprnt":"a"})"), nullptr, 0);
    const bool reached = left < 0;
    left = -1;
    EXPECT_FALSE(Answer(answer).ok());
    if (!reached) return;
  }
  FAIL();
}

}  // namespace
}  // namespace loopstate::c
