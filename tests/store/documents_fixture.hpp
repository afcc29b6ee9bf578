// The basis of the tests of documents: calls on the collection "chat" of U1, and a look at its rows.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "loopstate/documents.hpp"
#include "store/rows/collection_row.hpp"
#include "store/rows/document_row.hpp"
#include "store/store_fixture.hpp"

namespace loopstate::testing {

using std::chrono::seconds;

/// Of more than one part.
inline std::string large_body(std::size_t size = 800u << 10) {
  std::string body(size, 'x');
  for (std::size_t at = 0; at < size; at += 1000) body[at] = static_cast<char>(at / 1000);
  return body;
}

/// What an append answers, but for the generation, which is drawn.
struct Numbers {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const AppendedDocuments& appended, const Numbers& expected) {
    return appended.first == expected.first && appended.last == expected.last;
  }
};

class DocumentsTest : public StoreTest {
 protected:
  /// The calls go to another store from here on, which is empty.
  void begin_anew() {
    engine_ = GetParam().make(runner_.executor());
    table_ = std::make_shared<HookedTable>(engine_);
    store_ = store::store_over(table_, {}, clock_);
    documents_ = Documents(store_);
  }

  static CollectionId chat(std::string_view name = "chat") { return CollectionId::parse(name).value(); }
  static const NewDocument& document(std::string body) {
    NewDocument made;
    made.body = std::move(body);
    return named(std::move(made));
  }
  static std::vector<NewDocument> entries(const std::vector<std::string>& bodies) {
    std::vector<NewDocument> made;
    for (const auto& body : bodies) made.push_back(document(body));
    return made;
  }

  Result<StoredDocument> put(std::string key, std::string body, DocumentOptions options = {}) {
    return run(documents_.put(user(), chat(), std::move(key), document(std::move(body)), std::move(options)));
  }
  Result<AppendedDocuments> append(const std::vector<std::string>& bodies, AppendOptions options = {}) {
    return run(documents_.append(user(), chat(), entries(bodies), std::move(options)));
  }
  Result<Document> get(std::string key) { return run(documents_.get(user(), chat(), std::move(key))); }
  Result<bool> remove(std::string key, DocumentOptions options = {}) {
    return run(documents_.remove(user(), chat(), std::move(key), std::move(options)));
  }
  Result<bool> drop(CallOptions options = {}) {
    return run(documents_.drop(user(), chat(), std::move(options)));
  }
  DocumentPage list(DocumentListOptions options = {}) {
    return must(run(documents_.list(user(), chat(), std::move(options))));
  }
  std::vector<std::string> bodies(DocumentListOptions options = {}) {
    std::vector<std::string> all;
    for (auto& one : list(std::move(options)).documents) all.push_back(std::move(one.body));
    return all;
  }
  std::vector<std::string> keys(DocumentListOptions options = {}) {
    std::vector<std::string> all;
    for (auto& one : list(std::move(options)).documents) all.push_back(std::move(one.key));
    return all;
  }
  /// The rows of the collection's partition, those of parts among them.
  std::size_t rows(std::string_view collection = "chat") {
    table::Query query;
    query.pk = store::documents_partition({"U1", std::string(collection)});
    std::size_t count = 0;
    do {
      auto page = must(run(engine_->query(query, {now()})));
      count += page.items.size();
      query.cursor = std::move(page.next);
    } while (query.cursor);
    return count;
  }

  /// One that knows nothing yet.
  Documents another_process() { return Documents(store::store_over(table_, {}, clock_)); }

  Documents documents_{store_};
};
}  // namespace loopstate::testing
