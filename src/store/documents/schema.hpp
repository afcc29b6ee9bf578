// The members of each stored JSON document, defined once, in the order they are written: for reading,
// writing, checking and the paths of a patch. Names and types are those of the Rust crate.
#pragma once

#include <string_view>
#include <tuple>

#include "loopstate/capture.hpp"
#include "loopstate/context.hpp"
#include "loopstate/session.hpp"

namespace loopstate::store {

enum class Need : bool { Required, Optional };

template <typename Struct, typename Field>
struct Member {
  std::string_view name;
  Field Struct::* field;
  /// Optional: a document without it can still be read, and keeps the field's default.
  Need need = Need::Required;
};

/// A member of a member, which the document holds at the same level as the others.
template <typename Struct, typename Outer, typename Field>
struct InnerMember {
  std::string_view name;
  Outer Struct::* outer;
  Field Outer::* field;
  Need need = Need::Required;
};

/// A JSON number that stays text; its magnitude fits a double.
template <typename Struct>
struct NumberMember {
  std::string_view name;
  JsonText Struct::* field;
  Need need = Need::Required;
};

/// The field of an object that a member stands for.
template <typename Struct, typename Member>
auto& field_of(Struct& object, const Member& member) {
  if constexpr (requires { member.outer; }) {
    return object.*(member.outer).*(member.field);
  } else {
    return object.*(member.field);
  }
}

/// `Schema<T>::members` is a tuple of Member, InnerMember and NumberMember.
template <typename Struct>
struct Schema;

template <>
struct Schema<Vault> {
  static constexpr auto members = std::tuple(
      Member{"cred_balance", &Vault::cred_balance}, Member{"oxo_balance", &Vault::oxo_balance},
      Member{"total_staked", &Vault::total_staked}, Member{"pending_yield", &Vault::pending_yield},
      Member{"active_positions", &Vault::active_positions}, Member{"snapshot_at", &Vault::snapshot_at});
};

template <>
struct Schema<Notifications> {
  static constexpr auto members = std::tuple(
      Member{"on_capture", &Notifications::on_capture}, Member{"on_stake", &Notifications::on_stake},
      Member{"on_yield", &Notifications::on_yield}, Member{"on_unlock", &Notifications::on_unlock},
      Member{"min_notify_amount", &Notifications::min_notify_amount});
};

template <>
struct Schema<Preferences> {
  static constexpr auto members =
      std::tuple(Member{"auto_stake", &Preferences::auto_stake},
                 Member{"default_duration_days", &Preferences::default_duration_days},
                 Member{"auto_compound", &Preferences::auto_compound},
                 Member{"compound_threshold", &Preferences::compound_threshold},
                 Member{"risk_tolerance", &Preferences::risk_tolerance},
                 Member{"notifications", &Preferences::notifications});
};

template <>
struct Schema<ContextEvent> {
  static constexpr auto members = std::tuple(
      Member{"event_type", &ContextEvent::event_type}, Member{"timestamp", &ContextEvent::timestamp},
      Member{"summary", &ContextEvent::summary}, Member{"amount", &ContextEvent::amount, Need::Optional});
};

template <>
struct Schema<Context> {
  static constexpr auto members = std::tuple(
      Member{"pubkey", &Context::pubkey}, Member{"vault", &Context::vault},
      Member{"preferences", &Context::preferences}, Member{"recent_events", &Context::recent_events},
      Member{"agent_memory", &Context::agent_memory}, Member{"updated_at", &Context::updated_at},
      Member{"version", &Context::version});
};

template <>
struct Schema<CaptureLocation> {
  static constexpr auto members =
      std::tuple(NumberMember<CaptureLocation>{"latitude", &CaptureLocation::latitude},
                 NumberMember<CaptureLocation>{"longitude", &CaptureLocation::longitude},
                 NumberMember<CaptureLocation>{"accuracy_m", &CaptureLocation::accuracy_m});
};

/// A session as it is stored.
template <>
struct Schema<Session> {
  static constexpr auto members =
      std::tuple(Member{"key_pubkey", &Session::key_pubkey}, Member{"vault_pubkey", &Session::vault_pubkey},
                 Member{"scopes", &Session::scopes}, Member{"expires_at", &Session::expires_at},
                 Member{"created_at", &Session::created_at}, Member{"max_actions", &Session::max_actions},
                 Member{"actions_used", &Session::actions_used});
};

/// A session as a person writes it: what the store fills in may be left out.
struct GivenSession {
  static constexpr auto members = std::tuple(
      Member{"key_pubkey", &Session::key_pubkey}, Member{"vault_pubkey", &Session::vault_pubkey},
      Member{"scopes", &Session::scopes}, Member{"expires_at", &Session::expires_at, Need::Optional},
      Member{"created_at", &Session::created_at, Need::Optional},
      Member{"max_actions", &Session::max_actions},
      Member{"actions_used", &Session::actions_used, Need::Optional});
};

/// A pending capture as it is stored: `capture_data`.
template <>
struct Schema<Capture> {
  static constexpr auto members =
      std::tuple(Member{"merchant_id", &Capture::merchant_id},
                 Member{"merchant_name", &Capture::merchant_name, Need::Optional},
                 InnerMember{"amount_cents", &Capture::amount, &Money::minor_units},
                 Member{"card_last4", &Capture::card_last4, Need::Optional},
                 Member{"proof_data", &Capture::proof_data, Need::Optional},
                 Member{"proof_type", &Capture::proof_type, Need::Optional},
                 Member{"location", &Capture::location, Need::Optional},
                 Member{"created_at", &Capture::created_at}, Member{"expires_at", &Capture::expires_at});
};

/// A pending capture as a person sees or writes it: with what the row holds beside the JSON.
struct ShownCapture {
  static constexpr auto members =
      std::tuple(Member{"id", &Capture::id, Need::Optional}, Member{"merchant_id", &Capture::merchant_id},
                 Member{"merchant_name", &Capture::merchant_name, Need::Optional},
                 InnerMember{"amount_cents", &Capture::amount, &Money::minor_units},
                 Member{"card_last4", &Capture::card_last4, Need::Optional},
                 Member{"proof_data", &Capture::proof_data, Need::Optional},
                 Member{"proof_type", &Capture::proof_type, Need::Optional},
                 Member{"location", &Capture::location, Need::Optional},
                 Member{"created_at", &Capture::created_at, Need::Optional},
                 Member{"expires_at", &Capture::expires_at, Need::Optional},
                 InnerMember{"currency", &Capture::amount, &Money::currency, Need::Optional},
                 InnerMember{"refunded_cents", &Capture::refunded, &Money::minor_units, Need::Optional});
};

}  // namespace loopstate::store
