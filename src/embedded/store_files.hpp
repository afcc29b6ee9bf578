// The data file and the lock file of an open store: which files they are, and whether they are still what
// their names say.
#pragma once

#include <memory>
#include <string>

#include "embedded/file_look.hpp"
#include "loopstate/error.hpp"

namespace loopstate::embedded {

/// Anyone who takes their own lock before those in here calls this before registering for forks, so that a
/// fork takes the locks in that order too.
void watch_forks();

/// StorageFailure if a process still has the file open that was at `path` before it was moved or removed: a
/// new one must not be created there, since it would share that one's lock file.
Result<void> check_place_is_free(const std::string& path);

/// Whether a process, this one included, has the store at `path` open.
bool is_in_use(const std::string& path);

/// Every process that uses a data file must use the same lock file, and vice versa: so each marks
/// both with a lock that stands for the other file, and looks for marks that differ.
///
/// Closing any handle of the lock file releases LMDB's own locks in it: this outlives the environment, and a
/// process opens one store per lock file at a time. In a child after fork() the handles are closed.
class StoreFiles {
 public:
  /// Opens the data file, which must exist. TableNotFound, StorageFailure (no right to read it; it has
  /// several names).
  /// `named`: how the user names it, which may lead there by links; empty: by `path`.
  static Result<std::unique_ptr<StoreFiles>> open(const std::string& path, const std::string& named = {});
  ~StoreFiles();
  StoreFiles(const StoreFiles&) = delete;
  StoreFiles& operator=(const StoreFiles&) = delete;

  /// Opens or creates the lock file, and marks both. StorageFailure if another process uses the data file
  /// with another lock file, or the lock file with another data file. If the lock file may not be written,
  /// this does nothing, and has_lock_file() says so. Call it under the reader table's lock.
  Result<void> pair();

  int data() const { return data_; }
  FileId data_id() const { return data_id_; }
  bool may_write() const { return may_write_; }
  bool has_lock_file() const { return lock_ >= 0; }

  /// Whether the name still leads to the open file. StorageFailure says what happened to it.
  /// One look at the file system.
  Result<void> check_read() const;
  /// The same, and that the file has one name only: what was written to it is where it will be looked for.
  Result<void> check_written() const;
  /// The same, and that its lock file is still there. Two looks. (Should that go while a write is under way,
  /// the marks keep others from opening the file.)
  Result<void> check_write() const;

 private:
  StoreFiles(std::string path, std::string named);
  Result<void> open_lock_file();
  Result<FileLook> look() const;
  std::unexpected<Error> data_file_lost(int error) const;
  std::unexpected<Error> lock_file_lost() const;

  const std::string path_;
  const std::string named_;
  const std::string lock_path_;
  const unsigned generation_;
  int data_ = -1;
  int lock_ = -1;
  FileId data_id_;
  FileId lock_id_;
  bool may_write_ = false;
};

}  // namespace loopstate::embedded
