#include "embedded/page.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
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

struct NodeHeader {
  std::uint16_t low, high, flags, key_bytes;
};

/// Once: if the page is mapped, its bytes may change while they are looked at.
template <typename T>
T load(std::string_view bytes, std::size_t at) {
  T out;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  std::atomic_signal_fence(std::memory_order_acquire);
  return out;
}

/// A word of a text as a number that is ordered like the text.
std::uint64_t in_order(std::uint64_t word) {
  if constexpr (std::endian::native == std::endian::little) return __builtin_bswap64(word);
  return word;
}

/// Most neighbours already differ in their first words.
bool is_less(std::string_view before, std::string_view after) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const std::size_t common = std::min(before.size(), after.size());
  std::size_t at = 0;
  for (; at + kWord <= common; at += kWord) {
    const auto one = load<std::uint64_t>(before, at), other = load<std::uint64_t>(after, at);
    if (one != other) return in_order(one) < in_order(other);
  }
  return before.substr(at) < after.substr(at);
}

bool is_ascending(std::string_view before, std::string_view after, PageView::Order order) {
  if (order == PageView::Order::Bytes) return is_less(before, after);
  if (before.size() != sizeof(std::uint64_t) || after.size() != sizeof(std::uint64_t)) return false;
  return load<std::uint64_t>(before, 0) < load<std::uint64_t>(after, 0);
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
  // One bit for every two bytes, flipped where a node begins and where one ends. If this cancels out except
  // at the upper bound and at the end, and the lengths make up the distance between these, then each node
  // begins where another one ends. Cleared only as far as the page reaches, since this is done for each page
  // of a write.
  std::array<std::uint64_t, kMaxPage / 128 + 1> edges;
  const auto flip = [&edges](std::size_t place) {
    edges[place / 128] ^= std::uint64_t{1} << (place / 2 % 64);
  };
  const std::string_view page = bytes_;
  const std::size_t size = page.size(), upper = field<std::uint16_t>(14), words = size / 128 + 1;
  if (size % 2 != 0 || upper % 2 != 0) return "an entry lies where there can be none";
  std::fill_n(edges.begin(), words, std::uint64_t{0});
  flip(upper);
  flip(size);
  const std::size_t nodes = count(), keyed_from = kind == Kind::Branch ? 1 : 0;
  std::size_t filled = 0;
  std::string_view last;
  for (std::size_t i = 0; i < nodes; ++i) {
    const std::size_t place = load<std::uint16_t>(page, kHeader + 2 * i);
    if (place < kHeader || place + kNodeHeaderBytes > size) return "an entry lies outside it";
    const auto header = load<NodeHeader>(page, place);
    const unsigned flags = kind == Kind::Branch ? 0 : header.flags;
    const std::size_t data_bytes = (flags & PageNode::kBig) != 0 ? sizeof(std::uint64_t)
                                   : kind == Kind::Branch        ? 0
                                                          : header.low | std::size_t{header.high} << 16;
    const std::size_t bytes = kNodeHeaderBytes + header.key_bytes + data_bytes;
    if (bytes > size - place) return "an entry lies outside it";
    const std::string_view key = page.substr(place + kNodeHeaderBytes, header.key_bytes);
    if (key.size() > kMaxKey || (key.empty() && i >= keyed_from)) return "the length of a key is not allowed";
    if (i > keyed_from && !is_ascending(last, key, order)) return "its entries are out of order";
    if (flags > (PageNode::kTree | PageNode::kDuplicates) ||
        ((flags & PageNode::kBig) != 0 && flags != PageNode::kBig))
      return "an entry has an unknown kind";
    last = key;
    if (place % 2 != 0) return "an entry lies where there can be none";
    flip(place);
    flip(place + bytes + bytes % 2);
    filled += bytes + bytes % 2;
  }
  std::uint64_t left = 0;
  for (std::size_t i = 0; i < words; ++i) left |= edges[i];
  return left == 0 && filled == size - upper ? nullptr : "its entries overlap or leave holes";
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
