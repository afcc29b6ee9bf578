// What documents are, without an engine: maps in memory.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loopstate/documents.hpp"

namespace loopstate::testing {

/// Of any users and collections. Versions are the store's own: a model says only that they rise.
class DocumentsModel {
 public:
  using Place = std::pair<std::string, std::string>;  // user, collection
  struct Collection {
    std::map<std::string, Document> documents;
    std::uint64_t appended = 0;
  };

  /// The live collection; null if there is none.
  const Collection* find(const Place& place) const {
    const auto found = collections_.find(place);
    return found == collections_.end() ? nullptr : &found->second;
  }
  const Document* find(const Place& place, const std::string& key) const {
    const auto* collection = find(place);
    if (collection == nullptr) return nullptr;
    const auto found = collection->documents.find(key);
    return found == collection->documents.end() ? nullptr : &found->second;
  }
  std::uint64_t version_of(const Place& place, const std::string& key) const {
    const auto* document = find(place, key);
    return document == nullptr ? 0 : document->version;
  }

  void put(const Place& place, const std::string& key, const NewDocument& content, std::uint64_t version,
           Timestamp now) {
    auto& documents = collections_[place].documents;
    Document made;
    made.key = key;
    made.body = content.body;
    made.size = content.body.size();
    made.meta = content.meta;
    made.version = version;
    const auto old = documents.find(key);
    made.created_at = old == documents.end() ? now : old->second.created_at;
    made.updated_at = now;
    if (content.lifetime) made.expires_at = now + *content.lifetime;
    documents.insert_or_assign(key, std::move(made));
  }
  /// The number of what is appended next.
  std::uint64_t next_number(const Place& place) const {
    const auto* collection = find(place);
    return collection == nullptr ? 1 : collection->appended + 1;
  }
  /// The number of the first one.
  std::uint64_t append(const Place& place, std::size_t count) {
    auto& collection = collections_[place];
    collection.appended += count;
    return collection.appended - count + 1;
  }
  bool remove(const Place& place, const std::string& key) {
    const auto found = collections_.find(place);
    return found != collections_.end() && found->second.documents.erase(key) > 0;
  }
  std::uint64_t keep_last(const Place& place, std::uint64_t count) {
    const auto found = collections_.find(place);
    if (found == collections_.end()) return 0;
    auto& documents = found->second.documents;
    const auto gone = documents.size() - std::min<std::uint64_t>(count, documents.size());
    documents.erase(documents.begin(), std::next(documents.begin(), static_cast<std::ptrdiff_t>(gone)));
    return gone;
  }
  bool drop(const Place& place) { return collections_.erase(place) > 0; }
  void erase(const std::string& user) {
    std::erase_if(collections_, [&](const auto& one) { return one.first.first == user; });
  }
  void expire(Timestamp now) {
    for (auto& [place, collection] : collections_) {
      std::erase_if(collection.documents, [&](const auto& one) {
        const auto& ends = one.second.expires_at;
        return ends && *ends <= now;
      });
    }
  }

  DocumentPage list(const Place& place, const DocumentListOptions& options) const {
    DocumentPage page;
    const auto* collection = find(place);
    if (collection == nullptr) return page;
    std::vector<Document> listed;
    for (const auto& [key, document] : collection->documents) {
      if (is_listed(key, options)) listed.push_back(document);
    }
    if (options.is_descending()) std::ranges::reverse(listed);
    std::uint64_t bytes = 0;
    for (auto& document : listed) {
      const bool full = page.documents.size() == options.limit() ||
                        (!options.is_without_bodies() && bytes + document.size > options.max_bytes());
      if (full && !page.documents.empty()) {
        page.next = page.documents.back().key;
        break;
      }
      bytes += document.size;
      if (options.is_without_bodies()) document.body.clear();
      page.documents.push_back(std::move(document));
    }
    return page;
  }
  std::vector<std::pair<std::string, std::uint64_t>> collections_of(const std::string& user) const {
    std::vector<std::pair<std::string, std::uint64_t>> all;
    for (const auto& [place, collection] : collections_) {
      if (place.first == user) all.emplace_back(place.second, collection.appended);
    }
    return all;
  }

 private:
  static bool is_listed(const std::string& key, const DocumentListOptions& options) {
    if (options.prefix() && !key.starts_with(*options.prefix())) return false;
    if (options.from() && key < *options.from()) return false;
    if (options.to() && key > *options.to()) return false;
    if (!options.after()) return true;
    return options.is_descending() ? key < *options.after() : key > *options.after();
  }

  std::map<Place, Collection> collections_;
};

}  // namespace loopstate::testing
