// The attributes' names, defined once. docs/table.md says which are the Rust crate's and which are ours.
#pragma once

#include <string_view>

namespace loopstate::store::attribute {

// Context.
inline constexpr std::string_view kContextData = "context_data";
inline constexpr std::string_view kVersion = "version";
inline constexpr std::string_view kUpdatedAt = "updated_at";
inline constexpr std::string_view kWriteIds = "write_ids";
inline constexpr std::string_view kRing = "ring";
inline constexpr std::string_view kRingReadAt = "ring_read_at";
inline constexpr std::string_view kErasedAt = "erased_at";

// Session.
inline constexpr std::string_view kSessionData = "session_data";
inline constexpr std::string_view kExpiresAt = "expires_at";
inline constexpr std::string_view kScopes = "scopes";
inline constexpr std::string_view kActionsLeft = "actions_left";
inline constexpr std::string_view kSpends = "spends";

// Pending capture.
inline constexpr std::string_view kCaptureData = "capture_data";
inline constexpr std::string_view kMerchantId = "merchant_id";
inline constexpr std::string_view kAmountCents = "amount_cents";
inline constexpr std::string_view kCreatedAt = "created_at";
inline constexpr std::string_view kCurrency = "currency";
inline constexpr std::string_view kRefundedCents = "refunded_cents";
inline constexpr std::string_view kTransaction = "transaction";
inline constexpr std::string_view kMarkedUntil = "marked_until";

// What is left of a capture.
inline constexpr std::string_view kEnding = "ending";
inline constexpr std::string_view kEndedAt = "ended_at";

// Location.
inline constexpr std::string_view kEnteredAt = "entered_at";

// Card.
inline constexpr std::string_view kFingerprint = "fingerprint";
inline constexpr std::string_view kUserPubkey = "user_pubkey";
inline constexpr std::string_view kCardLast4 = "card_last4";
inline constexpr std::string_view kLinkedAt = "linked_at";
inline constexpr std::string_view kMovedAt = "moved_at";

// The pepper.
inline constexpr std::string_view kSalt = "salt";
inline constexpr std::string_view kCurrent = "current";
inline constexpr std::string_view kPrevious = "previous";
inline constexpr std::string_view kSince = "since";

// The purchases that wait for a card's link.
inline constexpr std::string_view kPurchases = "purchases";
inline constexpr std::string_view kUntil = "until";

// Transaction seen, and its claim.
inline constexpr std::string_view kCredAmount = "cred_amount";
inline constexpr std::string_view kProcessedAt = "processed_at";
inline constexpr std::string_view kPayloadHash = "payload_hash";
inline constexpr std::string_view kResult = "result";
inline constexpr std::string_view kFence = "fence";
inline constexpr std::string_view kHolder = "holder";
inline constexpr std::string_view kLeaseUntil = "lease_until";
inline constexpr std::string_view kAfterLapse = "after_lapse";

// The ledger of a payment's refunds and disputes.
inline constexpr std::string_view kRefunds = "refunds";
inline constexpr std::string_view kRevision = "revision";

// What a caller's request id stands for.
inline constexpr std::string_view kCall = "call";
inline constexpr std::string_view kHash = "hash";
inline constexpr std::string_view kAnswer = "answer";
inline constexpr std::string_view kParts = "parts";

// Documents, and the collections they are in.
inline constexpr std::string_view kCollection = "collection";
inline constexpr std::string_view kState = "state";
inline constexpr std::string_view kGeneration = "generation";
inline constexpr std::string_view kNext = "next";
inline constexpr std::string_view kFloor = "floor";
inline constexpr std::string_view kMeta = "meta";
inline constexpr std::string_view kBody = "body";
inline constexpr std::string_view kSize = "size";
inline constexpr std::string_view kPartsId = "parts_id";

// In any row: the id of the write that made it, so that a repeat recognises its own work.
inline constexpr std::string_view kWriteId = "write_id";

inline constexpr std::string_view kTtl = "ttl";

}  // namespace loopstate::store::attribute
