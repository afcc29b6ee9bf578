#include "embedded/inspection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

#include "base/timestamp.hpp"
#include "embedded/big_endian.hpp"
#include "embedded/checksum.hpp"
#include "embedded/expiry_index.hpp"
#include "embedded/item_key.hpp"
#include "embedded/leaf_data.hpp"

namespace loopstate::embedded {
namespace {

using lmdb_layout::Database;
using Kind = PageView::Kind;
using Order = PageView::Order;
using table::Finding;

/// Each is a sentence; a file in which everything is wrong must not fill the memory.
constexpr std::size_t kMostFindings = 1000;

std::string range_text(const std::string& low, const std::string& high) {
  if (low.empty() && high.empty()) return "anything";
  if (low.empty()) return fmt::format("what comes before {}", describe_key(high));
  if (high.empty()) return fmt::format("{} and what comes after it", describe_key(low));
  return fmt::format("{} and what comes before {}", describe_key(low), describe_key(high));
}

std::string entry_text(std::string_view second, std::string_view key) {
  return std::string(second) + std::string(key);
}

/// One tree's leaves, one entry after the other.
class TreeScan {
 public:
  /// Called with a page, what is wrong with it, and whether everything on it is lost.
  using OnFault =
      std::function<void(const PageFault& fault, const std::string& low, const std::string& high)>;
  using OnEntry = std::function<void(const PageNode& node, std::string_view data)>;

  TreeScan(const PageFile& file, PageUse& use, OnFault fault, OnEntry entry)
      : file_(file), use_(use), fault_(std::move(fault)), entry_(std::move(entry)) {}

  void run(const Database& tree, Order order = Order::Bytes) {
    const TreePlan plan = plan_of(file_, tree, use_, order);
    for (const auto& lost : plan.lost) fault_(lost.fault, lost.low, lost.high);
    for (const auto& leaf : plan.leaves) read_leaf(leaf, order);
  }

 private:
  void read_leaf(const TreeLeaf& leaf, Order order) {
    if (!file_.read(leaf.page, 1, page_)) return fault_({leaf.page, "it is missing"}, leaf.low, leaf.high);
    const PageView view(page_);
    const char* const fault = fault_of_leaf(view, leaf, order);
    if (fault != nullptr) fault_({leaf.page, fault}, leaf.low, leaf.high);
    for (std::size_t i = 0; i < view.count(); ++i) {
      const auto node = view.node(i, Kind::Leaf);
      if (!node) continue;  // reported with the page
      std::string_view data;
      const char* wrong = read_data(file_, *node, overflow_, data);
      if (wrong == nullptr && node->is_big())
        wrong = use_.take(node->overflow_page(), overflow_pages_in(overflow_));
      if (wrong != nullptr)
        fault_({node->overflow_page(), wrong}, std::string(node->key), std::string(node->key));
      entry_(*node, data);
    }
  }

  const PageFile& file_;
  PageUse& use_;
  OnFault fault_;
  OnEntry entry_;
  std::string page_, overflow_;
};

class Inspection {
 public:
  Inspection(const PageFile& file, const Moment& moment)
      : file_(file), moment_(moment), use_(moment.head.last_page) {}

  InspectionReport run() {
    if (const auto heads = check_heads(file_); !heads) page_fault("heads", heads.error(), "");
    use_.take(moment_.head.main.root);
    items();
    expiry();
    plain("tokens", moment_.tokens);
    meta();
    for (const auto& fault : read_free_list(file_, moment_.head, use_)) page_fault("free pages", fault, "");
    if (const auto lost = use_.unaccounted(); lost > 0) {
      add("pages", fmt::format("{} pages are neither in use nor on the list of free ones", lost));
    }
    compare();
    return std::move(report_);
  }

 private:
  void add(std::string subject, std::string detail) {
    if (report_.findings.size() >= kMostFindings) return;
    report_.findings.push_back(
        {Finding::Level::Bad, std::move(subject), std::move(detail),
         "restore a backup, or export what can be read and import it into a new file"});
  }

  void page_fault(const char* part, const PageFault& fault, const std::string& lost) {
    add(fmt::format("{}, page {}", part, fault.page),
        fmt::format("{}{}", fault.reason, lost.empty() ? "" : "; it may have held " + lost));
  }

  TreeScan scan(const char* part, TreeScan::OnEntry entry) {
    return {file_, use_,
            [this, part](const PageFault& fault, const std::string& low, const std::string& high) {
              page_fault(part, fault, range_text(low, high));
            },
            std::move(entry)};
  }

  void items() {
    scan("items", [this](const PageNode& node, std::string_view data) {
      ++entries_;
      const auto attributes = decode_record(node.key, data);
      if (!attributes) {
        ++unreadable_;
        return add(table::kItemSubject, corrupt_item(node.key, attributes.error()).message);
      }
      report_.found.add(checksum_in(data));
      if (const auto second = expires_at(*attributes)) {
        calls_for_.add(checksum_of(entry_text(OrderedSecond(unix_seconds(*second)).view(), node.key), ""));
      }
    }).run(moment_.items);
    count("items", moment_.items.entries);
  }

  void expiry() {
    std::uint64_t seconds = 0;
    scan("expiry", [&](const PageNode& node, std::string_view data) {
      ++seconds;
      const std::string second(node.key);
      if ((node.flags & PageNode::kDuplicates) == 0) return expiry_entry(second, data);
      if (const auto tree = node.tree()) {
        scan("expiry", [&](const PageNode& entry, std::string_view) {
          expiry_entry(second, entry.key);
        }).run(*tree);
        return;
      }
      const PageView page(data);
      if (const char* fault = page.fault(0, Kind::Duplicates)) add("expiry", fault);
      for (std::size_t i = 0; i < page.count(); ++i) {
        if (const auto entry = page.node(i, Kind::Duplicates)) expiry_entry(second, entry->key);
      }
    }).run(moment_.expiry);
    count("expiry", moment_.expiry.entries);
  }

  void expiry_entry(std::string_view second, std::string_view key) {
    ++entries_;
    indexed_.add(checksum_of(entry_text(second, key), ""));
  }

  void plain(const char* part, const Database& tree) {
    scan(part, [this](const PageNode&, std::string_view) { ++entries_; }).run(tree);
    count(part, tree.entries);
  }

  void meta() {
    scan("meta", [this](const PageNode& node, std::string_view data) {
      ++entries_;
      if (node.key == kDigestKey) told_ = Digest::decode(data);
    }).run(moment_.meta);
    count("meta", moment_.meta.entries);
  }

  void count(const char* part, std::uint64_t told) {
    const auto found = std::exchange(entries_, 0);
    if (found == told) return;
    add(part, fmt::format("{} entries can be read, out of {}", found, told));
  }

  void compare() {
    if (!told_) return add("digest", "the file does not say how many items it has");
    const Digest& found = report_.found;
    // Items named one by one do exist, and nobody knows what they added up to.
    if (found.items + unreadable_ != told_->items) {
      add("digest", fmt::format("{} items can be read, and the file had {}", found.items, told_->items));
    } else if (unreadable_ == 0 && found.sum != told_->sum) {
      add("digest",
          "the items are not those that were written last: some were changed, or are of an older state");
    }
    if (calls_for_ != indexed_ && found == *told_) {
      add("expiry",
          fmt::format("the index of expiry times has {} entries; the items require {}, or different ones",
                      indexed_.items, calls_for_.items));
    }
  }

  const PageFile& file_;
  const Moment& moment_;
  PageUse use_;
  InspectionReport report_;
  std::optional<Digest> told_;
  Digest calls_for_, indexed_;    ///< entries of the expiry index
  std::uint64_t unreadable_ = 0;  ///< items
  std::uint64_t entries_ = 0;     ///< of the tree being read
};

/// A count and the page numbers, highest first.
const char* take_list(std::string_view list, PageUse& use) {
  std::uint64_t count = 0, last = ~std::uint64_t{0};
  if (list.size() < sizeof count) return "a list of free pages is cut off";
  std::memcpy(&count, list.data(), sizeof count);
  if (count > list.size() / sizeof count - 1) return "a list of free pages is cut off";
  const char* fault = nullptr;
  for (std::uint64_t i = 1; i <= count; ++i) {
    std::uint64_t page = 0;
    std::memcpy(&page, list.data() + i * sizeof page, sizeof page);
    if (page >= last) fault = "a list of free pages is out of order";
    if (const char* wrong = use.free(page)) fault = wrong;
    last = page;
  }
  return fault;
}

}  // namespace

InspectionReport inspect_pages(const PageFile& file, const Moment& moment) {
  return Inspection(file, moment).run();
}

std::vector<PageFault> read_free_list(const PageFile& file, const lmdb_layout::Meta& head, PageUse& use) {
  std::vector<PageFault> out;
  std::uint64_t entries = 0;
  TreeScan scan(
      file, use,
      [&](const PageFault& fault, const std::string&, const std::string&) { out.push_back(fault); },
      [&](const PageNode& node, std::string_view data) {
        ++entries;
        std::uint64_t transaction = 0;
        if (node.key.size() == sizeof transaction)
          std::memcpy(&transaction, node.key.data(), sizeof transaction);
        const char* fault = take_list(data, use);
        if (transaction > head.transaction)
          fault = "a list of free pages is of a later transaction than the head";
        if (fault != nullptr) out.push_back({head.free_pages.root, fault});
      });
  scan.run(head.free_pages, Order::Numbers);
  if (entries != head.free_pages.entries)
    out.push_back({head.free_pages.root, "lists of free pages are missing"});
  return out;
}

}  // namespace loopstate::embedded
