#include "cli/input.hpp"

#include <fmt/format.h>

#include "cli/input_stream.hpp"

namespace loopstate::cli {

Result<std::string> read_input(std::string_view parameter, const std::string& path, std::size_t most_bytes) {
  auto stream = InputStream::open(parameter, path);
  if (!stream) return std::unexpected(std::move(stream.error()));
  std::string content;
  while (true) {
    const auto piece = stream->piece();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) return content;
    content += *piece;
    if (content.size() > most_bytes) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("{} is larger than {} bytes", parameter, most_bytes));
    }
  }
}

}  // namespace loopstate::cli
