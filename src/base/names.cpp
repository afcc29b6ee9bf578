#include "loopstate/names.hpp"

#include <fmt/format.h>

namespace loopstate {

using detail::NameFlaw;

Result<void> check_name(std::string_view field, std::string_view text) {
  const auto [flaw, at] = detail::examine_name(text);
  switch (flaw) {
    case NameFlaw::None:
      return {};
    case NameFlaw::Empty:
      return fail(ErrorCode::InvalidArgument, fmt::format("{} is empty", field));
    case NameFlaw::TooLong:
      return fail(ErrorCode::InvalidArgument, fmt::format("{} is {} bytes long; at most {} are allowed",
                                                          field, text.size(), detail::kMaxNameBytes));
    case NameFlaw::NotUtf8:
      return fail(ErrorCode::InvalidArgument, fmt::format("{} is not valid UTF-8 at byte {}", field, at));
    case NameFlaw::ControlCharacter:
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("{} has a control character at byte {}", field, at));
  }
  return fail(ErrorCode::Internal, "an unknown flaw in a name");
}

}  // namespace loopstate
