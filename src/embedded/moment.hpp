// A state of the file: the head of one transaction, and where its trees begin.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "embedded/lmdb_layout.hpp"
#include "embedded/page_file.hpp"

namespace loopstate::embedded {

struct Moment {
  lmdb_layout::Meta head;
  lmdb_layout::Database meta, items, expiry, tokens;
};

inline constexpr std::uint64_t kNoPage = ~std::uint64_t{0};

/// A page, and what is wrong with it.
struct PageFault {
  std::uint64_t page = 0;
  std::string reason;
};

/// The head in one of the two places, pages 0 and 1.
std::expected<lmdb_layout::Meta, PageFault> read_head_in(const PageFile& file, std::uint64_t page);

/// The head that `transaction` wrote. Nothing if a later one has already taken its place, or it is damaged.
std::expected<lmdb_layout::Meta, PageFault> read_head(const PageFile& file, std::uint64_t transaction);

/// Where the trees begin under a head.
std::expected<Moment, PageFault> read_moment(const PageFile& file, const lmdb_layout::Meta& head);

/// The same from a page's bytes, which need not be read from the file then. Whether the file is as long as a
/// head says is another question.
std::expected<lmdb_layout::Meta, PageFault> head_in(std::string_view bytes, std::uint64_t page,
                                                    std::uint64_t page_bytes);
bool has_length_of(const PageFile& file, const lmdb_layout::Meta& head);
/// The highest last page that a head may state while the file has its present length.
std::uint64_t longest_for(const PageFile& file);
std::expected<Moment, PageFault> moment_in(std::string_view root, const lmdb_layout::Meta& head);

/// Checks both heads together: two transactions, one after the other, each in its place.
std::expected<void, PageFault> check_heads(const PageFile& file);

}  // namespace loopstate::embedded
