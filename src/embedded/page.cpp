#include "embedded/page.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace loopstate::embedded {
namespace {

constexpr std::size_t kHeader = lmdb_layout::kPageHeaderBytes;
constexpr std::size_t kMaxKey = 511;
/// More nodes than a page of 64 KB can have, at 10 bytes each plus 2 for its offset.
constexpr std::size_t kMaxNodes = 6000;
/// And one more offset, for the end.
constexpr std::size_t kMaxPage = (std::size_t{64} << 10) + 2;
constexpr std::uint16_t kBranchFlag = 0x01, kLeafFlag = 0x02, kOverflowFlag = 0x04, kDirtyFlag = 0x10,
                        kSubPageFlag = 0x40;

bool is_ascending(std::string_view before, std::string_view after, PageView::Order order) {
  if (order == PageView::Order::Bytes) return before < after;
  std::uint64_t low = 0, high = 0;
  if (before.size() != sizeof low || after.size() != sizeof high) return false;
  std::memcpy(&low, before.data(), sizeof low);
  std::memcpy(&high, after.data(), sizeof high);
  return low < high;
}

bool has_flags(std::uint16_t flags, PageView::Kind kind) {
  switch (kind) {
    case PageView::Kind::Branch:
      return flags == kBranchFlag;
    case PageView::Kind::Leaf:
      return flags == kLeafFlag;
    case PageView::Kind::Duplicates:
      break;
  }
  return (flags & ~kDirtyFlag) == (kLeafFlag | kSubPageFlag);
}

}  // namespace

std::uint64_t PageNode::overflow_page() const {
  std::uint64_t out = ~std::uint64_t{0};
  if (data.size() >= sizeof out) std::memcpy(&out, data.data(), sizeof out);
  return out;
}

std::optional<lmdb_layout::Database> PageNode::tree() const {
  lmdb_layout::Database out{};
  if ((flags & kTree) == 0 || data.size() != sizeof out) return std::nullopt;
  std::memcpy(&out, data.data(), sizeof out);
  return out;
}

const char* PageView::fault(std::uint64_t number, Kind kind, Order order) const {
  if (bytes_.size() < kHeader || bytes_.size() >= kMaxPage) return "it is cut off";
  if (kind != Kind::Duplicates && this->number() != number) return "it has another page's number";
  if (!has_flags(flags(), kind)) return "its kind does not match its place";
  const std::size_t lower = field<std::uint16_t>(12), upper = field<std::uint16_t>(14);
  if (lower < kHeader || lower % 2 != 0 || lower > upper || upper > bytes_.size())
    return "its bounds are wrong";
  const std::size_t least = kind == Kind::Branch && order == Order::Bytes ? 2 : 1;
  if (count() < least || count() > kMaxNodes) return "it has too few or too many entries";
  return fault_of_nodes(kind, order);
}

/// The nodes must fill the page from its upper bound to its end, and be in order.
const char* PageView::fault_of_nodes(Kind kind, Order order) const {
  // The length of the node that begins at each offset, and at which offsets one begins: only these bits are
  // cleared, and only as far as the page reaches, since this is done for each page of a write.
  std::array<std::uint16_t, kMaxPage / 2> length_at;
  std::array<std::uint64_t, kMaxPage / 128 + 1> begins;
  std::fill_n(begins.begin(), bytes_.size() / 128 + 1, std::uint64_t{0});
  std::string_view last;
  for (std::size_t i = 0; i < count(); ++i) {
    const auto found = node(i, kind);
    if (!found) return "an entry lies outside it";
    const bool keyless = kind == Kind::Branch && i == 0;
    if (found->key.size() > kMaxKey || (found->key.empty() && !keyless))
      return "the length of a key is not allowed";
    if (i > (kind == Kind::Branch ? 1 : 0) && !is_ascending(last, found->key, order))
      return "its entries are out of order";
    if (found->flags > (PageNode::kTree | PageNode::kDuplicates) ||
        (found->is_big() && found->flags != PageNode::kBig))
      return "an entry has an unknown kind";
    last = found->key;
    const std::size_t place = field<std::uint16_t>(kHeader + 2 * i);
    if (place % 2 != 0) return "an entry lies where there can be none";
    length_at[place / 2] = static_cast<std::uint16_t>(found->bytes + found->bytes % 2);
    begins[place / 128] |= std::uint64_t{1} << (place / 2 % 64);
  }
  std::size_t at = field<std::uint16_t>(14), seen = 0;
  const auto is_begin = [&](std::size_t place) { return (begins[place / 128] >> (place / 2 % 64) & 1) != 0; };
  for (; at < bytes_.size() && at % 2 == 0 && is_begin(at); ++seen) at += length_at[at / 2];
  return at == bytes_.size() && seen == count() ? nullptr : "its entries overlap or leave holes";
}

const char* fault_of_overflow(std::string_view page, std::uint64_t number, std::uint64_t pages) {
  const PageView view(page);
  std::uint32_t told = 0;
  if (page.size() < kHeader) return "it is cut off";
  std::memcpy(&told, page.data() + 12, sizeof told);
  if (view.number() != number) return "it has another page's number";
  if (view.flags() != kOverflowFlag) return "its kind does not match its place";
  return told == pages ? nullptr : "its length is not that of its record";
}

std::uint64_t overflow_pages_for(std::uint64_t data_bytes, std::uint64_t page_bytes) {
  return (kHeader + data_bytes + page_bytes - 1) / page_bytes;
}

}  // namespace loopstate::embedded
