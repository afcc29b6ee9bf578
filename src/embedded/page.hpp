// A page of an LMDB file as bytes: safe to read whatever they are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "embedded/lmdb_layout.hpp"

namespace loopstate::embedded {

/// A branch's node leads to a child; a leaf's has data, in the page or (if big) on overflow pages.
struct PageNode {
  static constexpr std::uint16_t kBig = 1, kTree = 2, kDuplicates = 4;

  std::uint16_t flags = 0;
  std::string_view key;
  std::string_view data;  ///< as far as it is in the page: for a big node, where its overflow pages begin
  std::uint64_t data_bytes = 0;  ///< total
  std::uint64_t child = 0;
  std::size_t bytes = 0;  ///< of the node itself

  bool is_big() const { return (flags & kBig) != 0; }
  std::uint64_t overflow_page() const;
  /// The tree that the data is, if it is one.
  std::optional<lmdb_layout::Database> tree() const;
};

class PageView {
 public:
  enum class Kind : std::uint8_t {
    Branch,
    Leaf,
    Duplicates  ///< a page within a node, with the values of one key
  };
  /// How keys are ordered: by bytes, or as numbers, as in the list of free pages.
  enum class Order : std::uint8_t { Bytes, Numbers };

  explicit PageView(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t number() const { return field<std::uint64_t>(0); }
  std::uint16_t flags() const { return field<std::uint16_t>(10); }
  /// How many nodes the page says it has, as far as they can fit in it.
  std::size_t count() const;
  std::string_view bytes() const { return bytes_; }
  /// For a sound page: the bytes of its nodes and their offsets.
  std::size_t used_bytes() const {
    return bytes_.size() + count() * sizeof(std::uint16_t) - field<std::uint16_t>(14);
  }
  /// Nothing if it would lie outside the page.
  std::optional<PageNode> node(std::size_t index, Kind kind) const;

  /// Only its key: empty if the node would lie outside the page.
  std::string_view key(std::size_t index) const;

  /// What is wrong with it, as page `number`; nothing if LMDB may work on it.
  const char* fault(std::uint64_t number, Kind kind, Order order = Order::Bytes) const;

 private:
  template <typename T>
  T field(std::size_t at) const {
    T out{};
    if (at + sizeof out <= bytes_.size()) std::memcpy(&out, bytes_.data() + at, sizeof out);
    return out;
  }
  const char* fault_of_nodes(Kind kind, Order order) const;

  std::string_view bytes_;
};

// Inline, since each page that a write reaches has a hundred of them.

inline std::size_t PageView::count() const {
  const std::size_t lower = std::min<std::size_t>(field<std::uint16_t>(12), bytes_.size());
  return lower < lmdb_layout::kPageHeaderBytes ? 0 : (lower - lmdb_layout::kPageHeaderBytes) / 2;
}

inline std::optional<PageNode> PageView::node(std::size_t index, Kind kind) const {
  const std::size_t at = field<std::uint16_t>(lmdb_layout::kPageHeaderBytes + 2 * index);
  if (at < lmdb_layout::kPageHeaderBytes || at + lmdb_layout::kNodeHeaderBytes > bytes_.size())
    return std::nullopt;
  const std::uint64_t low = field<std::uint16_t>(at), high = field<std::uint16_t>(at + 2);
  const std::size_t key_bytes = field<std::uint16_t>(at + 6);
  PageNode out;
  out.flags = field<std::uint16_t>(at + 4);
  if (kind == Kind::Branch) {
    out.child = low | high << 16 | std::uint64_t{out.flags} << 32;
    out.flags = 0;
  } else {
    out.data_bytes = low | high << 16;
  }
  const std::size_t inside = out.is_big() ? sizeof(std::uint64_t) : out.data_bytes;
  if (key_bytes + inside > bytes_.size() - at - lmdb_layout::kNodeHeaderBytes) return std::nullopt;
  out.key = bytes_.substr(at + lmdb_layout::kNodeHeaderBytes, key_bytes);
  out.data = bytes_.substr(at + lmdb_layout::kNodeHeaderBytes + key_bytes, inside);
  out.bytes = lmdb_layout::kNodeHeaderBytes + key_bytes + inside;
  return out;
}

inline std::string_view PageView::key(std::size_t index) const {
  const std::size_t at = field<std::uint16_t>(lmdb_layout::kPageHeaderBytes + 2 * index);
  if (at + lmdb_layout::kNodeHeaderBytes > bytes_.size()) return {};
  const std::size_t key_bytes = field<std::uint16_t>(at + 6);
  if (key_bytes > bytes_.size() - at - lmdb_layout::kNodeHeaderBytes) return {};
  return bytes_.substr(at + lmdb_layout::kNodeHeaderBytes, key_bytes);
}

/// What is wrong with the first of a record's overflow pages, of which there must be `pages`, or more: those
/// that the record had before its own transaction made it smaller (which earlier versions could do).
const char* fault_of_overflow(std::string_view page, std::uint64_t number, std::uint64_t pages);
/// How many there are, says the first.
std::uint32_t overflow_pages_in(std::string_view page);

/// How many overflow pages this much data takes.
std::uint64_t overflow_pages_for(std::uint64_t data_bytes, std::uint64_t page_bytes);

}  // namespace loopstate::embedded
