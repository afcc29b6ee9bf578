// Items out of a table, into one, and from one to another.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "loopstate/clock.hpp"
#include "table/table.hpp"

namespace loopstate::store {

struct TransferOptions {
  /// Overwrite existing items that differ; otherwise they are kept.
  bool replace = false;
  /// For each request, not for the whole transfer.
  std::chrono::milliseconds request_timeout{10'000};
  /// Called for each part of the source that cannot be read; the rest is transferred. Without it, the first
  /// such part ends the transfer with its error.
  std::function<void(const Error& error)> lost;
  /// For an import: where the source's last item is ("line 12"), for the error of a table that
  /// does not accept it.
  std::function<std::string()> place;
};

struct TransferCounts {
  std::uint64_t read = 0;
  std::uint64_t written = 0;
  std::uint64_t unchanged = 0;  ///< existed already, identical
  std::uint64_t kept = 0;       ///< existed already, different, and were left alone
  std::uint64_t expired = 0;    ///< were not transferred: an expired item does not exist

  friend bool operator==(const TransferCounts&, const TransferCounts&) = default;
};

/// Whether the item exists at all: neither expired nor an expired session (the Rust crate lets such rows stay
/// longer).
bool exists_at(const table::Item& item, Timestamp now);

/// Returns the next item; nothing at the end. Called on the caller's executor, one call at a time.
using ItemSource = std::function<Result<std::optional<table::Item>>()>;
/// Takes an item.
using ItemSink = std::function<Result<void>(const table::Item& item)>;
/// Called after each step; an error ends the transfer.
using TransferStep = std::function<Result<void>(const TransferCounts& counts)>;

/// Every live item, in the engine's order: of a single moment, if the engine can (Table::snapshot). The
/// errors of the engine and of the sink.
Task<Result<TransferCounts>> export_items(std::shared_ptr<table::Table> from, ItemSink sink,
                                          TransferOptions options, const Clock& clock, TransferStep step);

/// Writes what the source returns. An error about one item names it, and its place. `counts` is correct
/// after an error, too: what was read before the source failed is written. Repeating an import is harmless.
Task<Result<void>> import_items(std::shared_ptr<table::Table> to, ItemSource source, TransferOptions options,
                                const Clock& clock, TransferCounts& counts, TransferStep step);

/// How far a copy has come: enough to resume it after it was cut off.
struct CopyState {
  std::optional<std::string> cursor;  ///< of the source's engine
  TransferCounts counts;
};

/// Continues from `state` and keeps it up to date: `saved` is called whenever everything before
/// `state.cursor` is written. Of a single moment, if the engine can and `one_moment` asks for it: such a copy
/// starts over if it was cut off, and `state.cursor` is never set.
Task<Result<void>> copy_items(std::shared_ptr<table::Table> from, std::shared_ptr<table::Table> to,
                              TransferOptions options, const Clock& clock, CopyState& state,
                              std::function<Result<void>(const CopyState&)> saved, bool one_moment = false);

}  // namespace loopstate::store
