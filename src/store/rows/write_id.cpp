#include "store/rows/write_id.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/fork.hpp"
#include "base/timestamp.hpp"
#include "crypto/random.hpp"

namespace loopstate::store {
namespace {

// In ASCII order, so that encoded numbers compare as the numbers do.
constexpr std::string_view kAlphabet = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kSecondChars = 6;
constexpr std::size_t kRandomChars = 9;
constexpr std::size_t kTokenChars = 24;

// One read of the system's generator serves many ids. Small, since each thread has one, in memory that the
// loader reserves for a library that is loaded later than the program (cmake/SharedLibrary.cmake).
class RandomPool {
 public:
  unsigned char next() {
    const unsigned generation = fork_generation();  // anything drawn before a fork is the parent's too
    if (at_ == bytes_.size() || generation_ != generation) {
      crypto::random_bytes(std::as_writable_bytes(std::span(bytes_)));
      at_ = 0;
      generation_ = generation;
    }
    return bytes_[at_++];
  }

 private:
  std::array<unsigned char, 128> bytes_{};
  std::size_t at_ = bytes_.size();
  unsigned generation_ = 0;
};

void append_random(std::string& text, std::size_t chars) {
  thread_local RandomPool pool;
  for (std::size_t i = 0; i < chars; ++i) text += kAlphabet[pool.next() & 63];
}

}  // namespace

std::string new_write_id(Timestamp now) {
  std::string id;
  id.reserve(kSecondChars + kRandomChars);
  const auto second = static_cast<std::uint64_t>(std::max<std::int64_t>(unix_seconds(now), 0));
  for (std::size_t i = kSecondChars; i-- > 0;) id += kAlphabet[second >> (6 * i) & 63];
  append_random(id, kRandomChars);
  return id;
}

std::optional<Timestamp> write_id_second(std::string_view id) {
  if (id.size() != kSecondChars + kRandomChars) return std::nullopt;
  std::int64_t second = 0;
  for (const char c : id.substr(0, kSecondChars)) {
    const auto digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    second = second << 6 | static_cast<std::int64_t>(digit);
  }
  return from_unix_seconds(second);
}

std::string new_token() {
  std::string token;
  append_random(token, kTokenChars);
  return token;
}

bool is_id_char(char c) noexcept {
  return kAlphabet.contains(c);
}

}  // namespace loopstate::store
