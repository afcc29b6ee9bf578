// Overwriting secrets so that they do not stay in freed memory.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace loopstate::crypto {

/// Overwrites the bytes; the compiler cannot optimise this away.
void wipe(std::span<std::byte> bytes) noexcept;

/// Overwrites the text, including its spare capacity, and leaves it empty. Does not reach copies made before,
/// which include the move of a short string.
void wipe(std::string& text) noexcept;

/// Overwrites the 32 KB of this thread's stack below the caller: what the functions it called left there,
/// e.g. the last block of a text that was hashed.
void wipe_stack() noexcept;

}  // namespace loopstate::crypto
