#include "embedded/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/try.hpp"
#include "embedded/file_check.hpp"
#include "embedded/file_format.hpp"
#include "embedded/file_look.hpp"
#include "embedded/file_size_signal.hpp"
#include "embedded/lmdb_error.hpp"
#include "embedded/registry.hpp"
#include "embedded/snapshot.hpp"
#include "embedded/store_files.hpp"

namespace loopstate::embedded {
namespace {

constexpr std::uint64_t kPagesAtOnce = 256;

/// A file beside `path` that is removed again unless it got its name.
class Scratch {
 public:
  static Result<Scratch> create(const std::string& path) {
    Scratch out;
    out.name_ = file_format::scratch_name(path);
    out.fd_ = ::open(out.name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out.fd_ < 0) return std::unexpected(storage_error(errno, "creating it", path));
    return out;
  }
  Scratch(Scratch&& other) noexcept
      : name_(std::exchange(other.name_, {})), fd_(std::exchange(other.fd_, -1)) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    if (fd_ >= 0) close(fd_);
    if (!name_.empty()) unlink(name_.c_str());
  }
  int fd() const { return fd_; }
  const std::string& name() const { return name_; }

  /// Gives the file the owner of the existing one, so that whoever used that can use this one.
  void belong_like(const std::string& path) const {
    const auto found = look_at(path);
    if (found) static_cast<void>(!fchown(fd_, found->owner, found->group));
  }

  /// 0 or an error number: EEXIST if the name is taken and its file may not be replaced.
  int take_name(const std::string& path, bool replace) {
    if (fsync(fd_) != 0) return errno;
    const int code = replace ? (std::rename(name_.c_str(), path.c_str()) == 0 ? 0 : errno)
                             : file_format::name_exclusively(name_, path);
    if (code != 0) return code;
    name_.clear();
    file_format::sync_folder_of(path);
    return 0;
  }

 private:
  Scratch() = default;
  std::string name_;
  int fd_ = -1;
};

/// 0 or an error number.
int write_at(int fd, std::string_view bytes, std::uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(put));
    at += static_cast<std::uint64_t>(put);
  }
  return 0;
}

/// The heads of a file that has only this moment: two transactions that say the same.
int write_heads(const PageFile& from, const Moment& moment, int to) {
  std::string page;
  lmdb_layout::Meta head = moment.head;
  for (const std::uint64_t transaction : {moment.head.transaction, moment.head.transaction + 1}) {
    const std::uint64_t place = transaction & 1;
    if (!from.read(place, 1, page)) return EIO;
    head.transaction = transaction;
    std::memcpy(page.data() + lmdb_layout::kPageHeaderBytes, &head, sizeof head);
    if (const int code = write_at(to, page, place * from.page_bytes()); code != 0) return code;
  }
  return 0;
}

/// Every page in use at that moment. Free pages may hold what was erased, and are left out.
int write_pages(const PageFile& from, const Moment& moment, int to) {
  const std::uint64_t pages = moment.head.last_page + 1;
  PageUse use(moment.head.last_page);
  static_cast<void>(read_free_list(from, moment.head, use));
  if (ftruncate(to, static_cast<off_t>(pages * from.page_bytes())) != 0) return errno;
  std::string bytes;
  for (std::uint64_t page = 2; page < pages;) {
    std::uint64_t count = 0;
    while (page + count < pages && count < kPagesAtOnce && !use.is_free(page + count)) ++count;
    if (count == 0) {
      ++page;
      continue;
    }
    if (!from.read(page, count, bytes)) return EIO;
    if (const int code = write_at(to, bytes, page * from.page_bytes()); code != 0) return code;
    page += count;
  }
  return write_heads(from, moment, to);
}

/// The state of a file that nobody writes, of this version and sound in every respect.
Result<std::pair<Moment, BackupReport>> sound_moment(const PageFile& file, const std::string& path) {
  const auto corrupt = [&](const std::string& what) {
    return fail(ErrorCode::StorageCorrupt, fmt::format("{} is damaged: {}", path, what));
  };
  if (const auto heads = check_heads(file); !heads) return corrupt(heads.error().reason);
  const auto even = read_head_in(file, 0), odd = read_head_in(file, 1);
  if (!even || !odd) return corrupt("a head cannot be read");
  const auto& newest = odd->transaction > even->transaction ? *odd : *even;
  const auto moment = read_moment(file, newest);
  if (!moment) return corrupt(moment.error().reason);
  TRY_OK(file_format::check_version(file, *moment, path));
  const auto report = inspect_pages(file, *moment);
  if (!report.findings.empty()) {
    const auto& first = report.findings.front();
    return corrupt(fmt::format("{}: {} ({} findings)", first.subject, first.detail, report.findings.size()));
  }
  return std::pair(*moment, BackupReport{report.found.items, file.pages() * file.page_bytes()});
}

std::unexpected<Error> is_there(const std::string& path) {
  return fail(ErrorCode::InvalidArgument, fmt::format("{} already exists", path));
}

}  // namespace

Result<BackupReport> back_up(const std::string& from, const std::string& to,
                             std::chrono::milliseconds lock_wait) {
  const WithoutFileSizeSignal quiet;
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(to, ignored))) return is_there(to);
  TRY_OK(check_file(from));
  EmbeddedOptions options;
  options.path = std::filesystem::weakly_canonical(from, ignored).string();
  options.lock_wait = lock_wait;
  TRY(auto engine, shared_engine(options));
  TRY(auto snapshot, EmbeddedSnapshot::take(engine));
  TRY(auto scratch, Scratch::create(to));
  if (const int code = write_pages(snapshot->file(), snapshot->moment(), scratch.fd()); code != 0) {
    return std::unexpected(storage_error(code, "writing the backup", to));
  }
  TRY_OK(snapshot->check_kept());
  auto sound = sound_moment(PageFile(scratch.fd(), snapshot->file().page_bytes()), from);
  if (!sound) {
    sound.error().message +=
        "; no backup was made. Keep the last good one; 'loopstate export' writes what can still be read";
    return std::unexpected(std::move(sound.error()));
  }
  const int code = scratch.take_name(to, false);
  if (code == EEXIST) return is_there(to);
  if (code != 0) return std::unexpected(storage_error(code, "writing the backup", to));
  return sound->second;
}

Result<BackupReport> restore(const std::string& from, const std::string& named, bool replace) {
  const WithoutFileSizeSignal quiet;
  std::error_code ignored;
  // The file that a store's users have open, if the name is a link to it.
  const auto canonical = std::filesystem::weakly_canonical(named, ignored).string();
  const std::string to = canonical.empty() ? named : canonical;
  TRY_OK(check_file(from));
  const lmdb_layout::File backup(from);
  const auto head = backup.read<lmdb_layout::Meta>(lmdb_layout::kPageHeaderBytes);
  if (!head) return fail(ErrorCode::StorageCorrupt, fmt::format("{} is cut off", from));
  const PageFile source(backup.fd(), head->free_pages.page_bytes);
  TRY(const auto sound, sound_moment(source, from));
  const bool there = std::filesystem::exists(std::filesystem::symlink_status(to, ignored));
  if (there && !replace) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} already exists; --replace puts the backup in its place", to));
  }
  const auto one = look_at(from), other = look_at(to);
  if (one && other && one->id == other->id) {
    return fail(ErrorCode::InvalidArgument, "the backup and the store are the same file");
  }
  const auto in_use = [&] {
    return fail(ErrorCode::Unavailable,
                fmt::format("a process has {} open; end it first, and start it again afterwards", to), true);
  };
  if (is_in_use(to)) return in_use();
  if (is_in_use(from)) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format(
            "a process has {} open and may write to it: 'loopstate backup' makes a copy that can be restored",
            from));
  }
  TRY(auto scratch, Scratch::create(to));
  if (const int code = write_pages(source, sound.first, scratch.fd()); code != 0) {
    return std::unexpected(storage_error(code, "restoring", to));
  }
  // Read back: the disk may have failed, or somebody may have written to `from` meanwhile.
  TRY(const auto restored, sound_moment(PageFile(scratch.fd(), source.page_bytes()), from));
  scratch.belong_like(to);
  if (is_in_use(to)) return in_use();
  const int code = scratch.take_name(to, replace);
  if (code == EEXIST) return is_there(to);
  if (code != 0) return std::unexpected(storage_error(code, "restoring", to));
  return restored.second;
}

}  // namespace loopstate::embedded
