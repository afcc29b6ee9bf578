// Each form is compiled separately, with FORM defined to its number; form 0, which is only what they share,
// must compile. After a form's number comes what the compiler must say about it.
#include <string>

#include "loopstate/names.hpp"

using namespace loopstate;

#if FORM == 1  // a name is not empty
const UserId user{""};
#elif FORM == 2  // a name has no control characters
const UserId user{"two\nlines"};
#elif FORM == 3  // a name is valid UTF-8
const UserId user{"\xC3"};
#elif FORM == 4  // a name is at most 200 bytes long
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
const UserId user{FIFTY FIFTY FIFTY FIFTY "!"};
#elif FORM == 5  // not usable in a constant expression|not a constant expression
UserId named(const char (&text)[5]) {
  return UserId{text};
}
#elif FORM == 6  // no matching function|is private
UserId named(std::string text) {
  return UserId{text};
}
#elif FORM == 7  // could not convert
void greet(UserId user);
void greet_somebody() {
  greet("shopper-1");
}
#elif FORM == 8  // could not convert
void greet(UserId user, Fingerprint card);
void greet_somebody() {
  greet(Fingerprint{"card-1"}, UserId{"shopper-1"});
}
#else
const UserId user{"shopper-1"};
#endif
