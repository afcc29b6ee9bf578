#include "cli/copy_state.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "base/try.hpp"
#include "cli/input.hpp"
#include "cli/json_output.hpp"
#include "cli/output_file.hpp"
#include "json/view.hpp"
#include "loopstate/json_text.hpp"

namespace loopstate::cli {
namespace {

// The engines' cursors are opaque bytes.
std::string to_hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::uint64_t count_of(const json::View& document, std::string_view name) {
  const auto member = document.find(name);
  return member ? member->unsigned_integer().value_or(0) : 0;
}

}  // namespace

Result<CopyStateFile> CopyStateFile::open(std::optional<std::string> path, std::string from, std::string to) {
  CopyStateFile file(std::move(path), std::move(from), std::move(to));
  if (!file.path_ || ::access(file.path_->c_str(), F_OK) != 0) return file;
  TRY(const auto text, read_input("--resume", *file.path_));
  const auto document = JsonText::parse(text);
  const auto foreign =
      fail(ErrorCode::InvalidArgument,
           fmt::format("--resume {}: it does not hold the state of a copy", shown(*file.path_)));
  if (!document) return foreign;
  const json::View view(*document);
  const auto cursor = json::string_member(view, "cursor");
  const auto bytes = cursor ? from_hex(*cursor) : std::nullopt;
  if (!bytes) return foreign;
  if (json::string_member(view, "from") != file.from_ || json::string_member(view, "to") != file.to_) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("--resume {}: it holds the state of a copy between other stores", shown(*file.path_)));
  }
  file.state_.cursor = *bytes;
  auto& counts = file.state_.counts;
  counts = {count_of(view, "read"), count_of(view, "written"), count_of(view, "unchanged"),
            count_of(view, "kept"), count_of(view, "expired")};
  return file;
}

Result<void> CopyStateFile::save(const store::CopyState& state) {
  state_ = state;
  // No cursor means the copy is complete.
  if (!path_ || !state.cursor) return {};
  TRY(auto file, OutputFile::create(*path_));
  JsonObject json;
  json.text("from", from_).text("to", to_).text("cursor", to_hex(*state.cursor));
  json.number("read", state.counts.read).number("written", state.counts.written);
  json.number("unchanged", state.counts.unchanged).number("kept", state.counts.kept);
  json.number("expired", state.counts.expired);
  TRY_OK(file.write(json.str() + "\n"));
  return file.finish();
}

void CopyStateFile::remove() {
  if (path_) ::unlink(path_->c_str());
}

}  // namespace loopstate::cli
