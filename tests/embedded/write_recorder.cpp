// Preloaded into a child: records what it writes to one file and when it syncs it, in order, along with what
// it acknowledges. LOOPSTATE_RECORD_FILE names the file, LOOPSTATE_RECORD_LOG where to record. The record's
// format is in write_record.hpp.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "embedded/write_record.hpp"

namespace {

using loopstate::embedded::RecordHeader;
using loopstate::embedded::RecordKind;

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));  // NOLINT: what dlsym is for
}

enum class Watch : unsigned char { No, Plain, Synchronous };

class Recorder {
 public:
  static Recorder& instance() {
    static Recorder recorder;
    return recorder;
  }

  void opened(const char* path, int flags, int fd) {
    if (fd < 0 || fd >= kMaxFiles || file_.empty() || file_ != path) return;
    watched_[static_cast<std::size_t>(fd)] = (flags & O_DSYNC) != 0 ? Watch::Synchronous : Watch::Plain;
  }
  void closed(int fd) {
    if (fd >= 0 && fd < kMaxFiles) watched_[static_cast<std::size_t>(fd)] = Watch::No;
  }
  Watch watch(int fd) const {
    return fd >= 0 && fd < kMaxFiles ? watched_[static_cast<std::size_t>(fd)] : Watch::No;
  }

  void record(RecordKind kind, std::uint64_t offset, const iovec* parts, int count) {
    std::uint64_t bytes = 0;
    for (int i = 0; i < count; ++i) bytes += parts[i].iov_len;
    const RecordHeader header{kind, offset, bytes};
    const std::lock_guard lock(mutex_);
    if (log_ < 0) return;
    append(&header, sizeof header);
    for (int i = 0; i < count; ++i) append(parts[i].iov_base, parts[i].iov_len);
  }

 private:
  static constexpr int kMaxFiles = 1024;

  Recorder() {
    const char* file = std::getenv("LOOPSTATE_RECORD_FILE");
    const char* log = std::getenv("LOOPSTATE_RECORD_LOG");
    if (file == nullptr || log == nullptr) return;
    file_ = file;
    log_ = real<int (*)(const char*, int, ...)>("open")(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  }

  void append(const void* data, std::size_t bytes) {
    static const auto real_write = real<ssize_t (*)(int, const void*, size_t)>("write");
    if (real_write(log_, data, bytes) != static_cast<ssize_t>(bytes)) _exit(9);
  }

  std::mutex mutex_;
  std::string file_;
  int log_ = -1;
  std::array<Watch, kMaxFiles> watched_{};
};

/// Records a write before it is made and, if it only returns once durable, that it was.
template <typename Call>
ssize_t recorded_write(int fd, std::uint64_t offset, const iovec* parts, int count, Call call) {
  Recorder& recorder = Recorder::instance();
  const Watch watch = recorder.watch(fd);
  if (watch == Watch::No) return call();
  recorder.record(RecordKind::Write, offset, parts, count);
  const ssize_t out = call();
  if (watch == Watch::Synchronous) recorder.record(RecordKind::DurableWrite, offset, parts, count);
  return out;
}

template <typename Call>
int recorded_sync(int fd, Call call) {
  const int out = call();
  if (Recorder::instance().watch(fd) != Watch::No)
    Recorder::instance().record(RecordKind::Sync, 0, nullptr, 0);
  return out;
}

iovec part_of(const void* data, std::size_t bytes) {
  return {const_cast<void*>(data), bytes};  // NOLINT: only read
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  static const auto real_open = real<int (*)(const char*, int, ...)>("open");
  const int fd = real_open(path, flags, mode);
  Recorder::instance().opened(path, flags, fd);
  return fd;
}

int close(int fd) {
  static const auto real_close = real<int (*)(int)>("close");
  Recorder::instance().closed(fd);
  return real_close(fd);
}

ssize_t pwrite(int fd, const void* data, size_t bytes, off_t offset) {
  static const auto real_pwrite = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  const iovec part = part_of(data, bytes);
  return recorded_write(fd, static_cast<std::uint64_t>(offset), &part, 1,
                        [&] { return real_pwrite(fd, data, bytes, offset); });
}

ssize_t pwritev(int fd, const iovec* parts, int count, off_t offset) {
  static const auto real_pwritev = real<ssize_t (*)(int, const iovec*, int, off_t)>("pwritev");
  return recorded_write(fd, static_cast<std::uint64_t>(offset), parts, count,
                        [&] { return real_pwritev(fd, parts, count, offset); });
}

ssize_t writev(int fd, const iovec* parts, int count) {
  static const auto real_writev = real<ssize_t (*)(int, const iovec*, int)>("writev");
  if (Recorder::instance().watch(fd) == Watch::No) return real_writev(fd, parts, count);
  const off_t offset = lseek(fd, 0, SEEK_CUR);
  return recorded_write(fd, static_cast<std::uint64_t>(offset), parts, count,
                        [&] { return real_writev(fd, parts, count); });
}

ssize_t write(int fd, const void* data, size_t bytes) {
  static const auto real_write = real<ssize_t (*)(int, const void*, size_t)>("write");
  const iovec part = part_of(data, bytes);
  if (fd == STDOUT_FILENO) Recorder::instance().record(RecordKind::Acknowledgement, 0, &part, 1);
  if (Recorder::instance().watch(fd) == Watch::No) return real_write(fd, data, bytes);
  const off_t offset = lseek(fd, 0, SEEK_CUR);
  return recorded_write(fd, static_cast<std::uint64_t>(offset), &part, 1,
                        [&] { return real_write(fd, data, bytes); });
}

int ftruncate(int fd, off_t length) {
  static const auto real_ftruncate = real<int (*)(int, off_t)>("ftruncate");
  if (Recorder::instance().watch(fd) != Watch::No) {
    Recorder::instance().record(RecordKind::Truncate, static_cast<std::uint64_t>(length), nullptr, 0);
  }
  return real_ftruncate(fd, length);
}

int fdatasync(int fd) {
  static const auto real_fdatasync = real<int (*)(int)>("fdatasync");
  return recorded_sync(fd, [&] { return real_fdatasync(fd); });
}

int fsync(int fd) {
  static const auto real_fsync = real<int (*)(int)>("fsync");
  return recorded_sync(fd, [&] { return real_fsync(fd); });
}

}  // extern "C"
