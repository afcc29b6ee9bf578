#include "loopstate/backup.hpp"
#include "base/try.hpp"
#include "open/engine.hpp"

namespace loopstate {
namespace {

std::unexpected<Error> copied_by_the_service() {
  return fail(ErrorCode::InvalidArgument,
              "backup and restore are for embedded stores; the service makes backups of a DynamoDB table "
              "(aws dynamodb "
              "create-backup, or point-in-time recovery), and export writes its items out");
}

}  // namespace

Result<BackupReport> back_up(const Settings& settings, const std::string& file) {
  TRY(const auto found, engines::find_engine(settings.url));
  if (found.engine.back_up == nullptr) return copied_by_the_service();
  return found.engine.back_up(found.place, file, settings.store.default_timeout);
}

Result<BackupReport> restore_backup(const Settings& settings, const std::string& file, bool replace) {
  TRY(const auto found, engines::find_engine(settings.url));
  if (found.engine.restore == nullptr) return copied_by_the_service();
  return found.engine.restore(file, found.place, replace);
}

}  // namespace loopstate
