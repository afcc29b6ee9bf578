// Pending captures: purchases whose value is still to be captured. Each user has a ring of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/context.hpp"
#include "loopstate/detail/visitable.hpp"
#include "loopstate/error.hpp"
#include "loopstate/money.hpp"

namespace loopstate {

struct CaptureLocation {
  JsonText latitude, longitude, accuracy_m;  ///< JSON numbers, as the text they came in
  UnknownFields unknown;
  friend bool operator==(const CaptureLocation&, const CaptureLocation&) = default;
};

struct Capture {
  std::string id = {};  ///< what follows `PENDING#` in the sort key; empty until stored
  std::string merchant_id = {};
  std::optional<std::string> merchant_name = {};
  Money amount = {};  ///< in the JSON as `amount_cents`; the currency is a separate attribute
  std::optional<std::string> card_last4 = {};
  std::optional<std::string> proof_data = {};
  std::optional<std::string> proof_type = {};
  std::optional<CaptureLocation> location = {};
  Timestamp created_at{};  ///< default when adding: now
  /// After this it does not exist. Default when adding: the configured lifetime from now, which is also
  /// the maximum.
  Timestamp expires_at{};
  /// What was refunded of it, in the same currency, which may be omitted when adding. A separate attribute,
  /// not in the JSON.
  Money refunded = {};
  /// When it ceases to exist: its row's time to live or its own `expires_at`, whichever comes first;
  /// `Timestamp{}`: never.
  /// Not in the JSON; set by the store.
  Timestamp kept_until{};
  UnknownFields unknown = {};
  friend bool operator==(const Capture&, const Capture&) = default;
};

/// The result of adding a capture.
class AddedCapture : public Visitable<AddedCapture> {
 public:
  /// The transaction had already been seen in another call: nothing was added.
  struct SeenBefore {
    std::string capture_id;                ///< what that call added; empty if not known
    std::optional<std::uint64_t> version;  ///< of the context, if it was read
  };
  struct Added {
    Capture capture;                    ///< as stored, with its id
    std::vector<Capture> dropped = {};  ///< what left the full ring, oldest first
    std::uint64_t version = 0;          ///< of the context, after the write
  };

  AddedCapture() = default;  ///< nothing was added
  explicit AddedCapture(SeenBefore seen) : answer_(std::move(seen)) {}
  explicit AddedCapture(Added added) : answer_(std::move(added)) {}

  /// Null if the answer is the other one. They live as long as the outcome.
  const Added* added() const noexcept { return std::get_if<Added>(&answer_); }
  const SeenBefore* seen_before() const noexcept { return std::get_if<SeenBefore>(&answer_); }

 private:
  friend class Visitable<AddedCapture>;
  std::variant<SeenBefore, Added> answer_;
};

/// The JSON for a person or a script: the stored members, with `id`, `currency` and `refunded_cents`.
std::string to_json(const Capture& capture);
/// Reads the members that docs/table.md lists; CorruptItem names the field.
Result<Capture> capture_from_json(std::string_view text);

}  // namespace loopstate
