#include "embedded/store_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <set>

#include "base/fork.hpp"
#include "base/try.hpp"
#include "embedded/lmdb_error.hpp"
#include "embedded/lock_layout.hpp"
#include "embedded/ofd_lock.hpp"

namespace loopstate::embedded {
namespace {

/// What this process has open.
struct OwnFiles {
  std::mutex mutex;
  std::map<FileId, FileId> partners;  ///< from each lock file in use to its data file
  std::set<int> descriptors;
};

OwnFiles& own_files() {
  static OwnFiles* const instance = [] {
    auto* made = new OwnFiles;
    // A child holds its parent's locks for as long as it has the parent's handles.
    pthread_atfork([] { own_files().mutex.lock(); }, [] { own_files().mutex.unlock(); },
                   [] {
                     OwnFiles& mine = own_files();
                     for (const int descriptor : mine.descriptors) close(descriptor);
                     mine.descriptors.clear();
                     mine.partners.clear();
                     mine.mutex.unlock();
                   });
    return made;
  }();
  return *instance;
}

/// The size of LMDB's table of readers, for as many as environment.cpp says.
constexpr off_t kLockFileBytes = off_t{64} << 10;

std::string lock_path_of(const std::string& path) {
  return path + "-lock";
}

/// LMDB maps the lock file: if that has holes, a full disk would show as a missing page.
bool has_room(int fd, const FileLook& found) {
  if (found.bytes_on_disk >= static_cast<std::uint64_t>(kLockFileBytes)) return true;
  int done = 0;
  while ((done = fallocate(fd, 0, 0, kLockFileBytes)) != 0 && errno == EINTR) {
  }
  return done == 0 || errno == EOPNOTSUPP || errno == ENOSYS;
}

/// The byte that stands for a file. Two files that share one would be taken for the same.
std::int64_t mark_of(FileId id) {
  std::uint64_t mixed =
      std::uint64_t{id.inode} * 0x9e3779b97f4a7c15 ^ std::uint64_t{id.device} * 0xc2b2ae3d27d4eb4f;
  mixed ^= mixed >> 29;
  mixed *= 0xbf58476d1ce4e5b9;
  return lock_layout::kPartner + static_cast<std::int64_t>(mixed >> 16) % lock_layout::kPartners;
}

int put_mark(int fd, FileId partner) {
  return ofd::try_lock(fd, ofd::Kind::Shared, {mark_of(partner), 1});
}

/// Whether another open file marks `fd` for another partner.
bool has_other_mark(int fd, FileId partner) {
  using lock_layout::kPartner;
  const std::int64_t own = mark_of(partner);
  return ofd::other_lock(fd, {kPartner, own - kPartner}) ||
         ofd::other_lock(fd, {own + 1, kPartner + lock_layout::kPartners - own - 1});
}

/// Where an open file is now; ends with " (deleted)" if it has no name any more.
std::string current_name(int fd) {
  std::array<char, 4096> buffer{};
  const ssize_t length = readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), buffer.data(), buffer.size());
  return length > 0 ? std::string(buffer.data(), static_cast<std::size_t>(length)) : "another place";
}

std::unexpected<Error> several_names(const std::string& path, std::uint64_t count) {
  return fail(
      ErrorCode::StorageFailure,
      fmt::format("{0} has {1} names (hard links), and each would have a lock file of its own. Remove "
                  "the others: `find / -samefile {0}` shows them",
                  path, count));
}

std::unexpected<Error> lock_file_of_another(const std::string& path) {
  return fail(ErrorCode::StorageFailure,
              fmt::format("{0} is not the file it was: a process still has the previous one open, which has "
                          "been moved or removed, and uses {0}-lock with it. Put that one back, or end the "
                          "process (`fuser {0}-lock` names it), and try again",
                          path));
}

std::unexpected<Error> other_lock_file(const std::string& path) {
  return fail(
      ErrorCode::StorageFailure,
      fmt::format(
          "another process has {0} open with a lock file other than {0}-lock: that was removed or replaced, "
          "or the file was reached by another name (a hard link, a mount of the single file). End every "
          "process that has it open (`fuser {0}` names them), then start them again, all with one path",
          path));
}

}  // namespace

void watch_forks() {
  own_files();
}

Result<void> check_place_is_free(const std::string& path) {
  OwnFiles& own = own_files();
  const std::lock_guard lock(own.mutex);
  const auto found = look_at(lock_path_of(path));
  if (!found) return {};
  if (own.partners.contains(found->id)) return lock_file_of_another(path);
  const int fd = ::open(lock_path_of(path).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const bool in_use = ofd::other_lock(fd, lock_layout::kAllPartners).has_value();
  close(fd);
  if (in_use) return lock_file_of_another(path);
  return {};
}

bool is_in_use(const std::string& path) {
  OwnFiles& own = own_files();
  const std::lock_guard lock(own.mutex);
  // Not opened, since closing it again would lose LMDB's locks in that file.
  if (const auto found = look_at(lock_path_of(path)); found && own.partners.contains(found->id)) return true;
  // Both, since a lock file may be gone while its store is open.
  for (const std::string& name : {lock_path_of(path), path}) {
    const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) continue;
    const bool locked = ofd::other_lock(fd, {0, std::numeric_limits<std::int64_t>::max()}).has_value();
    close(fd);
    if (locked) return true;
  }
  return false;
}

StoreFiles::StoreFiles(std::string path, std::string named)
    : path_(std::move(path)),
      named_(named.empty() ? path_ : named),
      lock_path_(lock_path_of(path_)),
      generation_(fork_generation()) {}

StoreFiles::~StoreFiles() {
  if (fork_generation() != generation_) return;
  OwnFiles& own = own_files();
  const std::lock_guard lock(own.mutex);
  for (const int fd : {lock_, data_}) {
    if (fd < 0) continue;
    own.descriptors.erase(fd);
    // Closing alone frees nothing while a child that fork() just made still has the handle.
    ofd::unlock(fd, {0, std::numeric_limits<std::int64_t>::max()});
    close(fd);
  }
  if (lock_ >= 0) own.partners.erase(lock_id_);
}

Result<std::unique_ptr<StoreFiles>> StoreFiles::open(const std::string& path, const std::string& named) {
  std::unique_ptr<StoreFiles> out(new StoreFiles(path, named));
  OwnFiles& own = own_files();
  {
    const std::lock_guard lock(own.mutex);
    out->data_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    out->may_write_ = out->data_ >= 0;
    if (out->data_ < 0 && (errno == EACCES || errno == EROFS || errno == EPERM)) {
      out->data_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    }
    if (out->data_ >= 0) own.descriptors.insert(out->data_);
  }
  if (out->data_ < 0) {
    const int code = errno;
    if (code != EACCES && code != EPERM)
      return std::unexpected(storage_error(code, "opening the store", path));
    return fail(ErrorCode::StorageFailure, fmt::format("there is no permission to read {}", path));
  }
  const auto found = look_at(out->data_);
  if (!found) return std::unexpected(storage_error(errno, "opening the store", path));
  out->data_id_ = found->id;
  TRY_OK(out->check_read());
  if (found->names > 1) return several_names(path, found->names);
  return out;
}

Result<void> StoreFiles::open_lock_file() {
  OwnFiles& own = own_files();
  const std::lock_guard lock(own.mutex);
  auto found = look_at(lock_path_);
  // Before the handle is opened, since closing it again would lose LMDB's locks in that file.
  if (found && own.partners.contains(found->id)) return lock_file_of_another(path_);
  if (!found && ofd::other_lock(data_, lock_layout::kAllPartners)) return other_lock_file(path_);
  const int fd = ::open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    if (errno == EACCES || errno == EROFS || errno == EPERM) return {};
    return std::unexpected(storage_error(errno, "opening the lock file of the store", path_));
  }
  found = look_at(fd);
  if (!found || !has_room(fd, *found)) {
    const int code = errno;
    close(fd);
    return std::unexpected(storage_error(code, "opening the lock file of the store", path_));
  }
  lock_ = fd;
  lock_id_ = found->id;
  own.descriptors.insert(fd);
  own.partners.emplace(lock_id_, data_id_);
  return {};
}

Result<void> StoreFiles::pair() {
  if (auto ok = open_lock_file(); !ok || lock_ < 0) return ok;
  // Mark first, then look: if two do this at once, at least one sees the other.
  for (const int code : {put_mark(data_, lock_id_), put_mark(lock_, data_id_)}) {
    if (code == 0) continue;
    return fail(ErrorCode::StorageFailure,
                fmt::format("{} cannot be locked ({}): a store needs a local file system with locks", path_,
                            std::strerror(code)));
  }
  if (has_other_mark(data_, lock_id_)) return other_lock_file(path_);
  if (has_other_mark(lock_, data_id_)) return lock_file_of_another(path_);
  return {};
}

Result<FileLook> StoreFiles::look() const {
  const auto found = look_at(named_);
  if (!found) return data_file_lost(errno);
  if (found->id != data_id_) return data_file_lost(0);
  return *found;
}

Result<void> StoreFiles::check_read() const {
  TRY([[maybe_unused]] const auto found, look());
  return {};
}

Result<void> StoreFiles::check_written() const {
  TRY(const auto found, look());
  if (found.names > 1) return several_names(path_, found.names);
  return {};
}

Result<void> StoreFiles::check_write() const {
  TRY_OK(check_written());
  if (lock_ < 0) return {};
  const auto found = look_at(lock_path_);
  if (!found || found->id != lock_id_) return lock_file_lost();
  return {};
}

/// `error`: why there is no file at the path; 0 if there is another one.
std::unexpected<Error> StoreFiles::data_file_lost(int error) const {
  if (const auto found = look_at(path_); named_ != path_ && found && found->id == data_id_) {
    return fail(ErrorCode::StorageFailure,
                fmt::format("{0} {1}, since a link on the way was redirected or removed while process {2} "
                            "had {3} open by that name. Nothing more is read or written. Redirect it back, "
                            "or end the process and start it again with the file it should use",
                            named_, error == 0 ? "leads to another file" : "leads nowhere", getpid(), path_));
  }
  const auto open_file = look_at(data_);
  const bool removed = open_file && open_file->names == 0;
  if (error != 0 && error != ENOENT && error != ENOTDIR) {
    return fail(ErrorCode::StorageFailure,
                fmt::format("{} can no longer be found ({}), so it is not known whether it is still the open "
                            "file; nothing is written until it can be",
                            path_, std::strerror(error)));
  }
  const std::string happened = fmt::format(
      "{} was {}{} while process {} had it open", path_, error == 0 ? "replaced; the open file was " : "",
      removed ? "removed" : fmt::format("moved to {}", current_name(data_)), getpid());
  if (removed) {
    return fail(
        ErrorCode::StorageFailure,
        fmt::format("{}. Nothing more is read or written. Until that process ends, its content can be saved: "
                    "`cp /proc/{}/fd/{} {}.saved`; end the process, put the copy in place, start again",
                    happened, getpid(), data_, path_));
  }
  return fail(ErrorCode::StorageFailure,
              fmt::format("{}. Nothing more is read or written. Move it back, or end the process and start "
                          "it again with the file it should use",
                          happened));
}

std::unexpected<Error> StoreFiles::lock_file_lost() const {
  return fail(
      ErrorCode::StorageFailure,
      fmt::format("{0} was removed or replaced while process {1} had {2} open. Nothing more is written, and "
                  "nothing is lost: end every process that has {2} open, then start them again",
                  lock_path_, getpid(), path_));
}

}  // namespace loopstate::embedded
