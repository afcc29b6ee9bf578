#include "embedded/free_pages.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "embedded/moment.hpp"

namespace loopstate::embedded {
namespace {

using lmdb_layout::Database;
using lmdb_layout::kFlagsAt;
using lmdb_layout::kNodeHeaderBytes;
using lmdb_layout::kPageHeaderBytes;

constexpr std::uint16_t kMaxTreeDepth = 32;
constexpr std::uint16_t kBranch = 0x01, kLeaf = 0x02, kBigNode = 0x01;

template <typename T>
std::optional<T> field(std::string_view bytes, std::size_t at) {
  T out;
  if (at > bytes.size() || bytes.size() - at < sizeof out) return std::nullopt;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return out;
}

}  // namespace

bool FreePages::collect(const Database& database) {
  return database.root == kNoPage ||
         (database.depth <= kMaxTreeDepth && visit(database.root, database.depth));
}

bool FreePages::cover(std::uint64_t first, std::uint64_t last) const {
  // A file that lacks more pages than the list has cannot be covered; this also bounds the loop.
  if (last - first >= pages_.size()) return false;
  for (std::uint64_t page = first; page <= last; ++page) {
    if (!pages_.contains(page)) return false;
  }
  return true;
}

std::optional<std::string> FreePages::read_pages(std::uint64_t first, std::uint64_t count) const {
  if (first >= whole_pages_ || count > whole_pages_ - first) return std::nullopt;
  std::string out(count * page_bytes_, '\0');
  if (pread(file_.fd(), out.data(), out.size(), static_cast<off_t>(first * page_bytes_)) !=
      static_cast<ssize_t>(out.size())) {
    return std::nullopt;
  }
  return out;
}

bool FreePages::visit(std::uint64_t number, unsigned levels) {
  if (levels == 0 || visits_left_ == 0) return false;
  --visits_left_;
  const auto page = read_pages(number, 1);
  if (!page) return false;
  const auto flags = field<std::uint16_t>(*page, kFlagsAt);
  const auto lower = field<std::uint16_t>(*page, kFlagsAt + 2);
  if (!flags || !lower || *lower < kPageHeaderBytes) return false;
  const std::size_t nodes = (*lower - kPageHeaderBytes) / 2;
  for (std::size_t i = 0; i < nodes; ++i) {
    const auto at = field<std::uint16_t>(*page, kPageHeaderBytes + 2 * i);
    if (!at || !visit_node(*page, *at, *flags, levels)) return false;
  }
  return true;
}

bool FreePages::visit_node(std::string_view page, std::size_t at, std::uint16_t page_flags, unsigned levels) {
  const auto low = field<std::uint16_t>(page, at);
  const auto high = field<std::uint16_t>(page, at + 2);
  const auto flags = field<std::uint16_t>(page, at + 4);
  const auto key_bytes = field<std::uint16_t>(page, at + 6);
  if (!low || !high || !flags || !key_bytes) return false;
  const std::uint64_t number = *low | std::uint64_t{*high} << 16;
  if ((page_flags & kBranch) != 0) return visit(number | std::uint64_t{*flags} << 32, levels - 1);
  if ((page_flags & kLeaf) == 0) return false;
  const std::size_t data_at = at + kNodeHeaderBytes + *key_bytes;
  if ((*flags & kBigNode) == 0) return add(page.substr(std::min(data_at, page.size())), number);
  const auto first = field<std::uint64_t>(page, data_at);
  if (!first) return false;
  const auto pages = read_pages(*first, (kPageHeaderBytes + number + page_bytes_ - 1) / page_bytes_);
  return pages && add(std::string_view(*pages).substr(kPageHeaderBytes), number);
}

/// A list: a count, and the page numbers.
bool FreePages::add(std::string_view list, std::uint64_t bytes) {
  const auto count = field<std::uint64_t>(list, 0);
  if (!count || bytes < 8 || bytes > list.size() || *count > bytes / 8 - 1) return false;
  for (std::uint64_t i = 1; i <= *count; ++i) pages_.insert(*field<std::uint64_t>(list, 8 * i));
  return true;
}

}  // namespace loopstate::embedded
