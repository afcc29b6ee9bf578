// What a leaf's node holds, including overflow pages.
#pragma once

#include <string>
#include <string_view>

#include "embedded/page.hpp"
#include "embedded/page_file.hpp"
#include "embedded/record_buffer.hpp"

namespace loopstate::embedded {

/// Lists of free pages are long if a lot was freed at once.
inline constexpr std::uint64_t kMaxListBytes = std::uint64_t{1} << 30;

/// Sets `data` to the bytes, in the node's page or in `buffer`. Returns what is wrong with the overflow
/// pages, if anything; `data` is then what could be read nevertheless.
inline const char* read_data(const PageFile& file, const PageNode& node, std::string& buffer,
                             std::string_view& data) {
  data = node.data;
  if (!node.is_big()) return nullptr;
  data = {};
  if (node.data_bytes > kMaxListBytes) return "its length makes no sense";
  const std::uint64_t pages = overflow_pages_for(node.data_bytes, file.page_bytes());
  if (!file.read(node.overflow_page(), pages, buffer)) return "it is missing";
  data = std::string_view(buffer).substr(lmdb_layout::kPageHeaderBytes, node.data_bytes);
  return fault_of_overflow(buffer, node.overflow_page(), pages);
}

}  // namespace loopstate::embedded
