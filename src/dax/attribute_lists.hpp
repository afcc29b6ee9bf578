// The lists of attribute names that items are sent with by number. A node gives each list its number, and
// takes and gives items as that number and the bare values.
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

/// A list's number: whatever a node gave it, and another node may give it another.
enum class ListId : std::uint64_t {};

/// The list of no names has this number on every node, and nobody asks for it.
inline constexpr ListId kEmptyList{1};

/// The names of an item's attributes without its key, in the order that they were registered in: for a list
/// of ours that of their bytes.
using AttributeNames = std::vector<std::string>;

AttributeNames names_of(const table::Attributes& attributes);

/// What is known of one node's lists. Forgets those that were not used for longest when there are many. May
/// be used from several threads.
class AttributeLists {
 public:
  /// At least as many lists as this are kept, and at most twice as many.
  explicit AttributeLists(std::size_t kept = 1000) : kept_(kept) {}

  /// Nothing: the node has to be asked for the number of `names_of(attributes)`.
  std::optional<ListId> id_of(const table::Attributes& attributes);
  /// Null: the node has to be asked for the names.
  std::shared_ptr<const AttributeNames> names_of(ListId id);
  /// What the node said. Only a list in the order of its names' bytes is one to write with.
  void learn(ListId id, AttributeNames names);
  /// The node was started anew, or is another one: its numbers may mean other lists.
  void forget();

 private:
  using NamesPtr = std::shared_ptr<const AttributeNames>;
  struct ByNames {
    using is_transparent = void;
    bool operator()(const NamesPtr& left, const NamesPtr& right) const;
    bool operator()(const NamesPtr& left, const table::Attributes& right) const;
    bool operator()(const table::Attributes& left, const NamesPtr& right) const;
  };
  /// What was used of late, and what was used before that.
  struct Generation {
    std::map<NamesPtr, ListId, ByNames> ids;
    std::map<ListId, NamesPtr> names;
    /// A number that came to mean other names leaves the names it had.
    std::size_t size() const noexcept { return std::max(ids.size(), names.size()); }
  };

  void keep(ListId id, NamesPtr names);

  std::size_t kept_;
  std::mutex mutex_;
  Generation young_;
  Generation old_;
};

/// The names that one reply is read with. A list that is not known is noted: then the reply has to be read
/// again, after the node was asked. For one thread.
class ReplyNames {
 public:
  /// `values_max`: so many attribute values may be made of the reply. `understand` sets it by the method.
  explicit ReplyNames(AttributeLists& lists, std::size_t values_max = 0)
      : lists_(lists), values_left_(values_max) {}

  /// Null, and noted, when it is not known.
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
