#include <string_view>

#include "base/try.hpp"
#include "embedded/backup.hpp"
#include "loopstate/open.hpp"

namespace loopstate {
namespace {

constexpr std::string_view kEmbeddedScheme = "embedded:";

Result<std::string> embedded_path(const Settings& settings) {
  const std::string_view url = settings.url;
  if (url.starts_with(kEmbeddedScheme)) return std::string(url.substr(kEmbeddedScheme.size()));
  return fail(ErrorCode::InvalidArgument,
              "backup and restore are for embedded stores; the service makes backups of a DynamoDB table "
              "(aws dynamodb "
              "create-backup, or point-in-time recovery), and export writes its items out");
}

Result<BackupReport> report_of(const Result<embedded::BackupReport>& done) {
  if (!done) return std::unexpected(done.error());
  return BackupReport{done->items, done->bytes};
}

}  // namespace

Result<BackupReport> back_up(const Settings& settings, const std::string& file) {
  TRY(const auto path, embedded_path(settings));
  return report_of(embedded::back_up(path, file, settings.store.default_timeout));
}

Result<BackupReport> restore_backup(const Settings& settings, const std::string& file, bool replace) {
  TRY(const auto path, embedded_path(settings));
  return report_of(embedded::restore(file, path, replace));
}

}  // namespace loopstate
