// Random bytes that nobody can guess.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace loopstate::crypto {

/// Fills the bytes from the operating system's generator. Without randomness the program ends: guessable ids
/// would be worse. May be called from any thread, and in a child of fork(): OpenSSL's generator has locks, of
/// which a child would find one taken for ever if another thread drew at the moment of the fork.
void random_bytes(std::span<std::byte> bytes);

/// `count` random bytes.
std::string random_text(std::size_t count);

}  // namespace loopstate::crypto
