#include "cli/advice.hpp"

#include <fmt/format.h>

#include "cli/json_output.hpp"
#include "cli/whole_store.hpp"

namespace loopstate::cli {

std::string_view advice_for(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::TableNotFound:
      return "--store URL or the variable LOOPSTATE_URL names another store; 'loopstate init' creates one.";
    case ErrorCode::TableMismatch:
      return "Check what --store or LOOPSTATE_URL names. If it was a store, 'loopstate restore FILE "
             "--replace' "
             "puts a backup in its place.";
    case ErrorCode::StorageCorrupt:
      return "'loopstate restore FILE --replace' puts a backup in its place. Without a backup: 'loopstate "
             "check' "
             "says what is lost, and 'loopstate export FILE' saves what can still be read.";
    case ErrorCode::StorageReadOnly:
      return "Give this user permission to write to the file and to its folder.";
    case ErrorCode::StorageFull:
      return "Nothing was lost: make room, then repeat the command.";
    default:
      return {};
  }
}

Error lead_to_init(Error error, const UserId& user) {
  if (error.code != ErrorCode::NotFound) return error;
  return with_advice(std::move(error),
                     fmt::format("'loopstate context init {}' creates one", printable(user.text())));
}

}  // namespace loopstate::cli
