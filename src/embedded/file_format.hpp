// What makes an LMDB file ours: its sub-databases, and the record that names format and version.
#pragma once

#include <lmdb.h>

#include <string>
#include <string_view>

#include "embedded/environment.hpp"
#include "embedded/moment.hpp"
#include "loopstate/error.hpp"

namespace loopstate::embedded::file_format {

inline constexpr std::string_view kFormatName = "loopstate";
inline constexpr unsigned kFormatVersion = 2;

/// Writes sub-databases and format record into an empty file, in one transaction, which the caller commits.
Result<Databases> create_databases(MDB_txn* txn, std::string_view path);

/// TableMismatch if the file belongs to another program or another version.
Result<Databases> open_databases(MDB_txn* txn, std::string_view path);

/// Creates the file at `path` as a whole: built beside it, made durable, then given its name. A second
/// creator finds the first one's file and leaves it alone. True if this call created it.
Result<bool> create_file(const std::string& path, bool durable);

/// The same check on a file that is not mapped.
Result<void> check_version(const PageFile& file, const Moment& moment, std::string_view path);

/// A name in the same folder that nobody else uses. Not the process id: a process in another container, or
/// an earlier one that was killed, may have had the same.
std::string scratch_name(const std::string& path);
/// Gives `from` the name `to` unless that exists: 0, EEXIST or another code.
int name_exclusively(const std::string& from, const std::string& to);
/// So that a file's name survives a loss of power too.
void sync_folder_of(const std::string& path);

}  // namespace loopstate::embedded::file_format
