// Which pages of a file hold nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "embedded/lmdb_layout.hpp"

namespace loopstate::embedded {

/// The pages that LMDB's own first database lists as free. Safe for any bytes at all.
class FreePages {
 public:
  FreePages(const lmdb_layout::File& file, std::uint64_t page_bytes, std::uint64_t whole_pages)
      : file_(file), page_bytes_(page_bytes), whole_pages_(whole_pages), visits_left_(whole_pages) {}

  /// False if the list itself cannot be read.
  bool collect(const lmdb_layout::Database& database);
  /// Whether all of these are free.
  bool cover(std::uint64_t first, std::uint64_t last) const;

 private:
  std::optional<std::string> read_pages(std::uint64_t first, std::uint64_t count) const;
  bool visit(std::uint64_t number, unsigned levels);
  bool visit_node(std::string_view page, std::size_t at, std::uint16_t page_flags, unsigned levels);
  bool add(std::string_view list, std::uint64_t bytes);

  const lmdb_layout::File& file_;
  std::uint64_t page_bytes_;
  std::uint64_t whole_pages_;
  std::uint64_t visits_left_;  ///< no tree has more pages than the file
  std::unordered_set<std::uint64_t> pages_;
};

}  // namespace loopstate::embedded
