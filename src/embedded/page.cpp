#include "embedded/page.hpp"

#include <algorithm>
#include <utility>

#include "embedded/key_order.hpp"

namespace loopstate::embedded {
namespace {

using key_order::load;

constexpr std::size_t kHeader = lmdb_layout::kPageHeaderBytes;
constexpr std::size_t kMaxKey = 511;
/// More nodes than a page of 64 KB can have, at 10 bytes each plus 2 for its offset.
constexpr std::size_t kMaxNodes = 6000;
/// The largest page that LMDB makes.
constexpr std::size_t kMaxPage = std::size_t{64} << 10;
constexpr std::uint16_t kBranchFlag = 0x01, kLeafFlag = 0x02, kOverflowFlag = 0x04, kDirtyFlag = 0x10,
                        kSubPageFlag = 0x40;

struct NodeHeader {
  std::uint16_t low, high, flags, key_bytes;
};

bool is_ascending(std::string_view before, std::string_view after, PageView::Order order) {
  if (order == PageView::Order::Bytes) return key_order::compare(before, after) < 0;
  if (before.size() != sizeof(std::uint64_t) || after.size() != sizeof(std::uint64_t)) return false;
  return load<std::uint64_t>(before, 0) < load<std::uint64_t>(after, 0);
}

/// A number that looks like chance, for a place in a page.
std::uint64_t mark_of(std::size_t place) {
  std::uint64_t out = (place + 1) * 0x9E3779B97F4A7C15;
  out ^= out >> 32;
  return out * 0xD6E8FEB86659FD93;
}

/// As bits: those that a leaf's node may have.
constexpr unsigned kNodeFlags = 1U << 0 | 1U << PageNode::kBig | 1U << PageNode::kTree |
                                1U << PageNode::kDuplicates | 1U << (PageNode::kTree | PageNode::kDuplicates);

/// The nodes must fill the page from its upper bound to its end, and be in order. This is done for each page
/// that a write reaches, and most have dozens of nodes.
template <bool is_branch, PageView::Order order>
const char* fault_in(std::string_view page, std::size_t nodes, std::size_t upper) {
  constexpr std::size_t kNode = lmdb_layout::kNodeHeaderBytes, keyed_from = is_branch ? 1 : 0;
  static_assert(sizeof(NodeHeader) == kNode);
  const std::size_t size = page.size();
  // Each place where a node begins or ends. If all cancel out except the upper bound and the end, and the
  // lengths make up the distance between these, then each node begins where another one ends.
  std::uint64_t edges = mark_of(upper) ^ mark_of(size);
  std::size_t filled = 0;
  std::string_view last;
  for (std::size_t i = 0; i < nodes; ++i) {
    const std::size_t place = load<std::uint16_t>(page, kHeader + 2 * i);
    if (place < kHeader || place + kNode > size) return "an entry lies outside it";
    const auto header = load<NodeHeader>(page, place);
    const unsigned flags = is_branch ? 0U : header.flags;
    const std::size_t data_bytes = is_branch ? 0
                                   : (flags & PageNode::kBig) != 0
                                       ? sizeof(std::uint64_t)
                                       : header.low | std::size_t{header.high} << 16;
    const std::size_t bytes = kNode + header.key_bytes + data_bytes;
    if (bytes > size - place) return "an entry lies outside it";
    const std::string_view key(page.data() + place + kNode, header.key_bytes);
    if (key.size() > kMaxKey || (key.empty() && i >= keyed_from)) return "the length of a key is not allowed";
    if (i > keyed_from && !is_ascending(last, key, order)) return "its entries are out of order";
    if (flags >= 8 || (kNodeFlags >> flags & 1) == 0) return "an entry has an unknown kind";
    if (place % 2 != 0) return "an entry lies where there can be none";
    last = key;
    const std::size_t length = bytes + bytes % 2;
    edges ^= mark_of(place) ^ mark_of(place + length);
    filled += length;
  }
  return edges == 0 && filled == size - upper ? nullptr : "its entries overlap or leave holes";
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
  if (bytes_.size() < kHeader || bytes_.size() > kMaxPage) return "it is cut off";
  if (kind != Kind::Duplicates && this->number() != number) return "it has another page's number";
  if (!has_flags(flags(), kind)) return "its kind does not match its place";
  const std::size_t lower = field<std::uint16_t>(12), upper = field<std::uint16_t>(14);
  if (lower < kHeader || lower % 2 != 0 || lower > upper || upper > bytes_.size())
    return "its bounds are wrong";
  const std::size_t least = kind == Kind::Branch && order == Order::Bytes ? 2 : 1;
  if (count() < least || count() > kMaxNodes) return "it has too few or too many entries";
  return fault_of_nodes(kind, order);
}

const char* PageView::fault_of_nodes(Kind kind, Order order) const {
  const std::size_t upper = field<std::uint16_t>(14), nodes = count();
  if (bytes_.size() % 2 != 0 || upper % 2 != 0) return "an entry lies where there can be none";
  const bool is_bytes = order == Order::Bytes;
  if (kind == Kind::Branch) {
    return is_bytes ? fault_in<true, Order::Bytes>(bytes_, nodes, upper)
                    : fault_in<true, Order::Numbers>(bytes_, nodes, upper);
  }
  return is_bytes ? fault_in<false, Order::Bytes>(bytes_, nodes, upper)
                  : fault_in<false, Order::Numbers>(bytes_, nodes, upper);
}

const char* fault_of_overflow(std::string_view page, std::uint64_t number, std::uint64_t pages) {
  const PageView view(page);
  if (page.size() < kHeader) return "it is cut off";
  if (view.number() != number) return "it has another page's number";
  if (view.flags() != kOverflowFlag) return "its kind does not match its place";
  return overflow_pages_in(page) >= pages ? nullptr : "its length is not that of its record";
}

std::uint32_t overflow_pages_in(std::string_view page) {
  std::uint32_t out = 0;
  if (page.size() >= kHeader) std::memcpy(&out, page.data() + 12, sizeof out);
  return out;
}

std::uint64_t overflow_pages_for(std::uint64_t data_bytes, std::uint64_t page_bytes) {
  return (kHeader + data_bytes + page_bytes - 1) / page_bytes;
}

}  // namespace loopstate::embedded
