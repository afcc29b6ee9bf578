#include "embedded/moment.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <utility>

#include "base/try.hpp"
#include "embedded/page.hpp"

namespace loopstate::embedded {
namespace {

using lmdb_layout::Meta;

/// LMDB leaves out pages at the end that were never written; there are not many of them.
constexpr std::uint64_t kMostMissingPages = std::uint64_t{1} << 20;
constexpr const char* kSenseless = "its numbers make no sense";

}  // namespace

std::expected<Meta, PageFault> head_in(std::string_view bytes, std::uint64_t page, std::uint64_t page_bytes) {
  Meta out{};
  if (bytes.size() < lmdb_layout::kPageHeaderBytes + sizeof out)
    return std::unexpected(PageFault{page, "it is cut short"});
  std::memcpy(&out, bytes.data() + lmdb_layout::kPageHeaderBytes, sizeof out);
  const PageView view(bytes);
  // LMDB 0.9 leaves the number of a head as it is for one that is new, and takes it from the map later.
  if ((view.flags() & lmdb_layout::kMetaPageFlag) == 0 || out.magic != lmdb_layout::kMagic ||
      out.version != lmdb_layout::kDataVersion)
    return std::unexpected(PageFault{page, "it is not the head of a file"});
  if (out.last_page < 1 || out.free_pages.page_bytes != page_bytes)
    return std::unexpected(PageFault{page, kSenseless});
  return out;
}

bool has_length_of(const PageFile& file, const Meta& head) {
  return head.last_page <= longest_for(file);
}

std::uint64_t longest_for(const PageFile& file) {
  return file.pages() + kMostMissingPages;
}

std::expected<Meta, PageFault> read_head_in(const PageFile& file, std::uint64_t page) {
  std::string bytes;
  if (!file.read(page, 1, bytes)) return std::unexpected(PageFault{page, "it is missing"});
  auto out = head_in(bytes, page, file.page_bytes());
  if (out && !has_length_of(file, *out)) return std::unexpected(PageFault{page, kSenseless});
  return out;
}

std::expected<Meta, PageFault> read_head(const PageFile& file, std::uint64_t transaction) {
  auto head = read_head_in(file, transaction & 1);
  if (head && head->transaction != transaction)
    return std::unexpected(PageFault{transaction & 1, "it belongs to another transaction"});
  return head;
}

std::expected<void, PageFault> check_heads(const PageFile& file) {
  TRY(const auto first, read_head_in(file, 0));
  TRY(const auto second, read_head_in(file, 1));
  const std::uint64_t even = first.transaction, odd = second.transaction;
  if (even % 2 == 0 && odd % 2 == 1 && (even + 1 == odd || odd + 1 == even)) return {};
  return std::unexpected(PageFault{
      even > odd ? std::uint64_t{0} : std::uint64_t{1},
      fmt::format("the two heads of the file are of the transactions {} and {}, which do not follow one "
                  "another: the last one may be lost",
                  even, odd)});
}

std::expected<Moment, PageFault> read_moment(const PageFile& file, const Meta& head) {
  std::string bytes;
  if (!file.read(head.main.root, 1, bytes))
    return std::unexpected(PageFault{head.main.root, "it is missing"});
  return moment_in(bytes, head);
}

std::expected<Moment, PageFault> moment_in(std::string_view bytes, const Meta& head) {
  Moment out{};
  out.head = head;
  const std::uint64_t root = head.main.root;
  if (head.main.depth != 1)
    return std::unexpected(PageFault{root, "the list of the file's parts is not a page"});
  const PageView page(bytes);
  if (const char* fault = page.fault(root, PageView::Kind::Leaf))
    return std::unexpected(PageFault{root, fault});
  const std::array<std::pair<std::string_view, lmdb_layout::Database Moment::*>, 4> parts = {
      {{"meta", &Moment::meta},
       {"items", &Moment::items},
       {"expiry", &Moment::expiry},
       {"tokens", &Moment::tokens}}};
  for (const auto& [name, part] : parts) {
    bool found = false;
    for (std::size_t i = 0; i < page.count() && !found; ++i) {
      const auto node = page.node(i, PageView::Kind::Leaf);
      if (!node || node->key != name) continue;
      const auto tree = node->tree();
      if (!tree) break;
      out.*part = *tree;
      found = true;
    }
    if (!found) return std::unexpected(PageFault{root, fmt::format("it lacks the part \"{}\"", name)});
  }
  return out;
}

}  // namespace loopstate::embedded
