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

/// Writes sub-databases and format record into an empty file; in one transaction, which the caller commits.
Result<Databases> create_databases(MDB_txn* txn, std::string_view path);

/// TableMismatch when the file is another program's or another version's.
Result<Databases> open_databases(MDB_txn* txn, std::string_view path);

/// Makes the file at `path` as a whole: built beside it, made durable, then given its name. Whoever comes
/// second finds the first one's file and leaves it. True when this call made it.
Result<bool> create_file(const std::string& path, bool durable);

/// The same look at a file that is not mapped.
Result<void> check_version(const PageFile& file, const Moment& moment, std::string_view path);

/// A name in the same folder that nobody else uses. Not the process's number, which another container has
/// too, and had before it was killed.
std::string scratch_name(const std::string& path);
/// Gives `from` the name `to` unless that exists: 0, EEXIST or another code.
int name_exclusively(const std::string& from, const std::string& to);
/// So that a file's name survives a loss of power too.
void sync_folder_of(const std::string& path);

}  // namespace loopstate::embedded::file_format
