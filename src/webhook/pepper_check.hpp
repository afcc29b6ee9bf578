// What a store keeps of a pepper, so that another one is recognised as another.
#pragma once

#include <string>
#include <string_view>

#include "crypto/secret.hpp"

namespace loopstate::webhook {

/// A new salt: 32 hexadecimal digits.
std::string new_pepper_salt();

/// 8 hexadecimal digits: the first 32 bits of PBKDF2-HMAC-SHA256 of the pepper, the salt behind a label of
/// its own, 100,000 rounds. A pepper of 32 random bytes cannot be found from it at all. One that a person
/// thought up can be tried against it no faster than some thousand times a second, and of 2^40 guesses 256
/// pass: it never confirms one. Of the wrong peppers that are set by mistake, one in four thousand million
/// passes. Takes about 30 ms.
std::string pepper_check(const crypto::Secret& pepper, std::string_view salt);

}  // namespace loopstate::webhook
