// Overwriting secrets so that they do not stay in freed memory.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace loopstate::crypto {

/// Overwrites the bytes; the compiler may not leave it out.
void wipe(std::span<std::byte> bytes) noexcept;

/// Overwrites the text, its spare capacity included, and leaves it empty. Copies that were made before, a
/// move of a short string among them, are not reached.
void wipe(std::string& text) noexcept;

/// Overwrites the 32 KB of this thread's stack below the caller: what the functions it has called left there,
/// e.g. the last block of a text that a hash was made of.
void wipe_stack() noexcept;

}  // namespace loopstate::crypto
