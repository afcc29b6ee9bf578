// Documents: a few keys and appended entries of one collection, replaced, removed and dropped by racing
// callers. Some bodies are in parts.
#include <fmt/format.h>

#include <algorithm>

#include "histories/calls.hpp"
#include "loopstate/documents.hpp"

namespace loopstate::histories {
namespace {

constexpr std::size_t kLargeBytes = 360'000;
constexpr std::size_t kSmallBytes = 20;

CollectionId collection() {
  return CollectionId{"c"};
}

/// The whole of a body follows from its name, which is its first line.
std::string body_of(const std::string& name, bool large) {
  auto body = name + "\n";
  body.resize(large ? kLargeBytes : kSmallBytes, name.back());
  return body;
}
std::string name_of_body(const std::string& body) {
  auto name = body.substr(0, body.find('\n'));
  const bool whole = body == body_of(name, false) || body == body_of(name, true);
  return whole ? name : "half of " + name;
}

class DocumentCalls final : public Calls {
 public:
  explicit DocumentCalls(const Scale& scale) : users_(scale.keys) {}

  Invocation next(Random& random, int /*client*/, std::uint64_t unique) override {
    const std::string user = fmt::format("user{}", pick(random, static_cast<std::uint64_t>(users_)));
    const std::string key = chance(random, 0.3)   ? document_key(1 + pick(random, 5))
                            : chance(random, 0.5) ? "a"
                                                  : "b";
    const auto which = pick(random, 100);
    if (which < 30) {
      const auto at = chance(random, 0.5) ? 1 + pick(random, 8) : 0;
      return append(user, 1 + pick(random, 2), at, chance(random, 0.2), unique);
    }
    if (which < 55) {
      std::optional<std::uint64_t> version;
      if (chance(random, 0.6)) version = pick(random, 6);
      return put(user, chance(random, 0.5) ? "a" : "b", version, chance(random, 0.3), unique);
    }
    if (which < 85) return get(user, key);
    if (which < 95) return remove(user, key);
    return drop(user);
  }

 private:
  static Invocation put(const std::string& user, const std::string& key, std::optional<std::uint64_t> version,
                        bool large, std::uint64_t unique) {
    const auto name = fmt::format("d{}", unique);
    const auto expected = version ? std::to_string(*version) : std::string("-1");
    return {{"put",
             user,
             fmt::format(R"({{"key":"{}","body":"{}","expected":{}}})", key, name, expected),
             "",
             {}},
            [=](BlockingStore& store, CallOptions options) {
              NewDocument made;
              made.body = body_of(name, large);
              return answer_or_error<StoredDocument>(
                  BlockingDocuments(store.store())
                      .put(name_of<UserId>(user), collection(), key, made,
                           DocumentOptions(std::move(options)).at_version(version)),
                  [](const StoredDocument& stored) {
                    return fmt::format(R"({{"version":{}}})", stored.version);
                  });
            }};
  }

  /// `at` 0: whatever number comes next.
  static Invocation append(const std::string& user, std::uint64_t count, std::uint64_t at, bool large,
                           std::uint64_t unique) {
    const auto name = fmt::format("d{}", unique);
    return {{"append", user, fmt::format(R"({{"body":"{}","count":{},"at":{}}})", name, count, at), "", {}},
            [=](BlockingStore& store, CallOptions called) {
              AppendOptions options(std::move(called));
              if (at > 0) options.at_number(at);
              std::vector<NewDocument> entries(count);
              for (auto& entry : entries) entry.body = body_of(name, large);
              return answer_or_error<AppendedDocuments>(
                  BlockingDocuments(store.store())
                      .append(name_of<UserId>(user), collection(), std::move(entries), std::move(options)),
                  [](const AppendedDocuments& done) {
                    return fmt::format(R"({{"first":{},"last":{}}})", done.first, done.last);
                  });
            }};
  }

  static Invocation get(const std::string& user, const std::string& key) {
    return {{"get", user, fmt::format(R"({{"key":"{}"}})", key), "", {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<Document>(
                  BlockingDocuments(store.store())
                      .get(name_of<UserId>(user), collection(), key, std::move(options)),
                  [](const Document& found) {
                    return fmt::format(R"({{"body":"{}","version":{}}})", name_of_body(found.body),
                                       found.version);
                  });
            },
            true};
  }

  static Invocation remove(const std::string& user, const std::string& key) {
    return {{"remove", user, fmt::format(R"({{"key":"{}"}})", key), "", {}},
            [=](BlockingStore& store, CallOptions options) {
              return answer_or_error<bool>(
                  BlockingDocuments(store.store())
                      .remove(name_of<UserId>(user), collection(), key, std::move(options)),
                  [](bool there) { return fmt::format(R"({{"removed":{}}})", there); });
            }};
  }

  /// Whether there was a collection is not compared: one that is made for the parts of a body is there before
  /// its document is.
  static Invocation drop(const std::string& user) {
    return {
        {"drop", user, "{}", "", {}}, [=](BlockingStore& store, CallOptions options) {
          return answer_or_error<bool>(
              BlockingDocuments(store.store()).drop(name_of<UserId>(user), collection(), std::move(options)),
              [](bool) { return std::string("{}"); });
        }};
  }

  int users_;
};

}  // namespace

std::unique_ptr<Calls> make_document_calls(const Scale& scale) {
  return std::make_unique<DocumentCalls>(scale);
}

}  // namespace loopstate::histories
