// Which bytes of data file and lock file are locked for what: far beyond any page, where nothing is stored.
#pragma once

#include <cstdint>

#include "embedded/ofd_lock.hpp"

namespace loopstate::embedded::lock_layout {

inline constexpr std::int64_t kBase = std::int64_t{1} << 62;
inline constexpr std::int64_t kMaxProcess = std::int64_t{1} << 31;

// Exclusive locks begin at these bytes and are one byte longer than their holder's process number, so that
// a waiter can tell who holds them.
inline constexpr std::int64_t kWriter = kBase;  ///< held to write
inline constexpr std::int64_t kReaderTable =
    kBase + (kMaxProcess << 1);  ///< held to open, or to register a reader

/// Shared by those who are waiting to write.
inline constexpr ofd::Range kWaiting{kBase + (kMaxProcess << 2), 1};

// In the data file: shared by all who use one lock file, at a byte that stands for it. In the lock file:
// shared by all who use it for one data file, at a byte that stands for that file.
inline constexpr std::int64_t kPartner = kBase + (kMaxProcess << 3);
inline constexpr std::int64_t kPartners = std::int64_t{1} << 48;
inline constexpr ofd::Range kAllPartners{kPartner, kPartners};

}  // namespace loopstate::embedded::lock_layout
