// Each form is compiled separately, with FORM defined to its number; form 0, which is only what they share,
// must compile. After a form's number comes what the compiler must say about it.
#include <string>

#include "loopstate/store.hpp"

using namespace loopstate;

#if FORM == 1  // a currency is three capital letters, as in ISO 4217
const Money coffee{450, "eur"};
#elif FORM == 2  // a currency is three capital letters, as in ISO 4217
const Money coffee{450, "EURO"};
#elif FORM == 3  // a currency is three capital letters, as in ISO 4217
const Money coffee{450, ""};
#elif FORM == 4  // not usable in a constant expression|not a constant expression
Currency currency_of(const char (&text)[4]) {
  return Currency{text};
}
#elif FORM == 5  // no matching function|could not convert|no known conversion
Money coffee_in(std::string currency) {
  return {450, currency};
}
#elif FORM == 6  // narrowing
const Money coffee{4.50, "EUR"};
#elif FORM == 7  // conversion from|could not convert
const Money coffee = 450;
#elif FORM == 8  // no match for
const bool more = Money{450, "EUR"} < Money{500, "JPY"};
#else
const Money coffee{450, "EUR"};
const PurchaseRecord purchase{.capture = {.amount = {450, "EUR"}}};
const RefundRecord refund{.amount = coffee};
#endif
