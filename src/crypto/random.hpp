// Random bytes that nobody can guess.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace loopstate::crypto {

/// Fills the bytes from OpenSSL's generator, which the operating system seeds. Without randomness the program
/// ends: guessable ids would be worse. May be called from any thread.
void random_bytes(std::span<std::byte> bytes);

/// `count` random bytes.
std::string random_text(std::size_t count);

}  // namespace loopstate::crypto
