// What a person reads: a user's state in words, lines and columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/terminal.hpp"
#include "loopstate/store.hpp"

namespace loopstate::cli {

/// "2026-11-25 08:20:39 UTC"; "never" for `Timestamp{}`.
std::string time_text(Timestamp time);
/// "1 item", "3 items".
std::string count_text(std::uint64_t count, std::string_view one, std::string_view many);

std::string context_text(const Context& context, const Style& style);
std::string capture_text(const Capture& capture);
std::string captures_text(const std::vector<Capture>& captures);
std::string card_text(const Card& card);
std::string session_text(const Session& session);
std::string location_text(const Location& location);
std::string processed_text(const ProcessedTransaction& record);
std::string snapshot_text(const std::string& user, const Snapshot& snapshot, const Style& style);

/// Columns, each as wide as its widest cell; the last one unpadded.
std::string table_text(const std::vector<std::vector<std::string>>& rows, std::string_view indent = "");

}  // namespace loopstate::cli
