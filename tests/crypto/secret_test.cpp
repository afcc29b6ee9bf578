#include "crypto/secret.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <memory>
#include <new>
#include <ostream>

#include "crypto/wipe.hpp"

namespace loopstate::crypto {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!std::copy_constructible<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(!std::equality_comparable<Secret>);
static_assert(!std::convertible_to<Secret, std::string_view>);
static_assert(!std::convertible_to<std::string, Secret>);
static_assert(!Printable<Secret>);
static_assert(!fmt::is_formattable<Secret>::value);

TEST(Secret, TakesATextOverAndLeavesNoneBehind) {
  for (const std::string_view original : {"short", "a text that is too long to be kept inside the string"}) {
    std::string text(original);
    const Secret secret(std::move(text));
    EXPECT_EQ(secret.reveal(), original);
    EXPECT_TRUE(text.empty());  // NOLINT(bugprone-use-after-move): that is what is promised
  }
}

TEST(Secret, MovesAndLeavesNoneBehind) {
  Secret first = Secret::copy_of("hidden");
  Secret second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(second.reveal(), "hidden");
  Secret third = Secret::copy_of("other");
  third = std::move(second);
  EXPECT_TRUE(second.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(third.reveal(), "hidden");
  EXPECT_EQ(third.clone().reveal(), "hidden");
}

TEST(Secret, OverwritesItsBytesWhenItEnds) {
  // Short enough to be stored inside the object, whose storage outlives it here.
  alignas(Secret) std::array<std::byte, sizeof(Secret)> storage{};
  auto* const secret = new (storage.data()) Secret(Secret::copy_of("hidden"));
  const std::string_view bytes(reinterpret_cast<const char*>(storage.data()), storage.size());
  ASSERT_NE(bytes.find("hidden"), bytes.npos);
  std::destroy_at(secret);
  EXPECT_EQ(bytes.find("hidden"), bytes.npos);
  EXPECT_EQ(bytes.find("idden"), bytes.npos);
}

TEST(Wipe, ReachesTheSpareCapacity) {
  std::string text = "the longer text that was here before, which is not short";
  const auto* const start = text.data();
  const auto length = text.size();
  text.resize(1);
  wipe(text);
  EXPECT_TRUE(text.empty());
  text.resize(length);  // within the capacity: the same bytes
  ASSERT_EQ(text.data(), start);
  EXPECT_EQ(text.find("text"), text.npos);
}

}  // namespace
}  // namespace loopstate::crypto
