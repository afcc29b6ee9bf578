// The lists of attribute names that items are sent with by number. A node assigns each list its number, and
// takes and returns items as that number and the bare values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/value.hpp"

namespace loopstate::dax {

/// A list's number, as assigned by one node; another node may assign it a different one.
enum class ListId : std::uint64_t {};

/// The empty list has this number on every node, and nobody asks for it.
inline constexpr ListId kEmptyList{1};

/// The names of an item's attributes without its key, in the order in which they were registered: for a list
/// of ours, byte order.
using AttributeNames = std::vector<std::string>;

AttributeNames names_of(const table::Attributes& attributes);

/// What is known about one node's lists. When there are many, forgets the least recently used. May
/// be used from several threads.
class AttributeLists {
 public:
  /// At least as many lists as this are kept, and at most twice as many.
  explicit AttributeLists(std::size_t kept = 1000) : kept_(kept) {}

  /// Nothing: the node must be asked for the number of `names_of(attributes)`.
  std::optional<ListId> id_of(const table::Attributes& attributes);
  /// Null: the node must be asked for the names.
  std::shared_ptr<const AttributeNames> names_of(ListId id);
  /// What the node said. Only a list in byte order of its names can be written with.
  void learn(ListId id, AttributeNames names);
  /// The node was restarted, or is another one: its numbers may mean other lists.
  void forget();

 private:
  using NamesPtr = std::shared_ptr<const AttributeNames>;
  struct ByNames {
    using is_transparent = void;
    bool operator()(const NamesPtr& left, const NamesPtr& right) const;
    bool operator()(const NamesPtr& left, const table::Attributes& right) const;
    bool operator()(const table::Attributes& left, const NamesPtr& right) const;
  };
  /// What was used recently, and what was used before that.
  struct Generation {
    std::map<NamesPtr, ListId, ByNames> ids;
    std::map<ListId, NamesPtr> names;
    /// A number that came to mean other names leaves its old names behind.
    std::size_t size() const noexcept { return std::max(ids.size(), names.size()); }
  };

  void keep(ListId id, NamesPtr names);

  std::size_t kept_;
  std::mutex mutex_;
  Generation young_;
  Generation old_;
};

/// The names that one reply is read with. An unknown list is noted: then the reply must be read
/// again, after the node was asked. For one thread.
class ReplyNames {
 public:
  /// `values_max`: how many attribute values may be made of the reply. `understand` sets it by the method.
  explicit ReplyNames(AttributeLists& lists, std::size_t values_max = 0)
      : lists_(lists), values_left_(values_max) {}

  /// Null, and noted, if it is not known.
  std::shared_ptr<const AttributeNames> find(ListId id);
  /// How many values may still be made of the reply.
  std::size_t& values_left() noexcept { return values_left_; }
  /// The lists to ask for before reading again, each once.
  const std::vector<ListId>& missing() const noexcept { return missing_; }

 private:
  AttributeLists& lists_;
  std::vector<ListId> missing_;
  std::size_t values_left_ = 0;
  // Many items one after the other have the same.
  ListId last_id_{0};
  std::shared_ptr<const AttributeNames> last_;
};

}  // namespace loopstate::dax
