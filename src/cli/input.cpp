#include "cli/input.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/input_stream.hpp"

namespace loopstate::cli {

Result<std::string> read_input(std::string_view parameter, const std::string& path, std::size_t most_bytes) {
  TRY(auto stream, InputStream::open(parameter, path));
  std::string content;
  while (true) {
    TRY(const auto piece, stream.piece());
    if (piece.empty()) return content;
    content += piece;
    if (content.size() > most_bytes) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("{} is larger than {} bytes", parameter, most_bytes));
    }
  }
}

}  // namespace loopstate::cli
