// A hash of what a call is asked to do: its name and its arguments. Two calls have the same hash only if they
// ask for the same thing.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/timestamp.hpp"
#include "crypto/hash.hpp"
#include "loopstate/capture.hpp"
#include "loopstate/context.hpp"
#include "loopstate/document.hpp"
#include "loopstate/names.hpp"
#include "loopstate/session.hpp"
#include "loopstate/transaction.hpp"

namespace loopstate::store {

/// A document whose body came in pieces.
struct DocumentDigest {
  std::string body_hash;  ///< SHA-256, hexadecimal
  JsonText meta;
  std::optional<std::chrono::seconds> lifetime;
};

/// Every part goes in with its length (a list with its count, an optional one with whether it is there), so
/// that no two sequences of parts read alike. Times that a caller leaves to the store go in as they were
/// given, never as they were filled in: a repetition comes later.
class CallHash {
 public:
  explicit CallHash(std::string_view call) { add(call); }

  void add(std::string_view text);
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) { add(std::string_view(text)); }
  template <std::integral Integer>
  void add(Integer number) {
    if constexpr (std::is_signed_v<Integer>) {
      add_signed(number);
    } else {
      add_unsigned(number);
    }
  }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void add(Enum value) {
    add_unsigned(static_cast<std::uint64_t>(value));
  }
  template <typename Tag>
  void add(const Name<Tag>& name) {
    add(name.text());
  }
  template <typename T>
  void add(const std::optional<T>& value) {
    add(value.has_value());
    if (value) add(*value);
  }
  template <typename T>
  void add(const std::vector<T>& values) {
    add(values.size());
    for (const auto& value : values) add(value);
  }
  void add(Timestamp at) { add_signed(unix_seconds(at)); }
  void add(std::chrono::seconds span) { add_signed(span.count()); }
  void add(const Money& money) {
    add(money.minor_units);
    add(money.currency.known());
    if (money.currency.known()) add(money.currency.text());
  }
  void add(const JsonText& json) { add(json.text()); }
  void add(const Context& context) { add(to_json(context)); }
  void add(const Capture& capture) { add(to_json(capture)); }
  void add(const Session& session) { add(to_json(session)); }
  void add(const DocumentDigest& document) {
    add(document.body_hash);
    add(document.meta);
    add(document.lifetime);
  }
  void add(const NewDocument& document) {
    add(DocumentDigest{crypto::hex(crypto::sha256(document.body)), document.meta, document.lifetime});
  }
  void add(const ContextChange& change);
  void add(const ContextEvent& event);
  /// By transaction and fence, a combination that no two claims share.
  void add(const Claim& claim);

  /// Lower-case hexadecimal.
  std::string finish() { return crypto::hex(hash_.finish()); }

 private:
  void add_unsigned(std::uint64_t number);
  void add_signed(std::int64_t number);

  crypto::Sha256 hash_;
};

}  // namespace loopstate::store
