// Names without the check: for those read from the table, where the Rust crate may have written longer
// ones.
#pragma once

#include <string>
#include <utility>

#include "loopstate/names.hpp"

namespace loopstate {

struct NameAccess {
  template <typename Tag>
  static Name<Tag> unchecked(std::string text) {
    return Name<Tag>::unchecked(std::move(text));
  }
};

/// `stored_name<UserId>(row.string("user_pubkey"))`
template <typename AnyName>
AnyName stored_name(std::string text);

template <>
inline UserId stored_name(std::string text) {
  return NameAccess::unchecked<UserTag>(std::move(text));
}
template <>
inline Fingerprint stored_name(std::string text) {
  return NameAccess::unchecked<FingerprintTag>(std::move(text));
}
template <>
inline TransactionId stored_name(std::string text) {
  return NameAccess::unchecked<TransactionTag>(std::move(text));
}
template <>
inline MerchantId stored_name(std::string text) {
  return NameAccess::unchecked<MerchantTag>(std::move(text));
}

}  // namespace loopstate
