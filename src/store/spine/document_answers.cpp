#include <tuple>

#include "base/try.hpp"
#include "store/documents/codec.hpp"
#include "store/spine/answers.hpp"

namespace loopstate::store {
namespace {

constexpr std::size_t kTypicalStoredBytes = 128;

struct KeptStored {
  std::string key;
  std::uint64_t version = 0;
  UnknownFields unknown;
};

struct KeptAppended {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string generation;
  UnknownFields unknown;
};

}  // namespace

template <>
struct Schema<KeptStored> {
  static constexpr auto members =
      std::tuple(Member{"key", &KeptStored::key}, Member{"version", &KeptStored::version});
};
template <>
struct Schema<KeptAppended> {
  static constexpr auto members =
      std::tuple(Member{"first", &KeptAppended::first}, Member{"last", &KeptAppended::last},
                 Member{"generation", &KeptAppended::generation, Need::Optional});  // the first ones had none
};

std::string encode_answer(const StoredDocument& answer) {
  return write_document<Schema<KeptStored>>(KeptStored{answer.key, answer.version, {}}, kTypicalStoredBytes);
}

template <>
Result<StoredDocument> decode_answer(std::string_view text) {
  TRY(auto kept, (read_document<Schema<KeptStored>, KeptStored>(text)));
  return StoredDocument{std::move(kept.key), kept.version};
}

std::string encode_answer(const AppendedDocuments& answer) {
  return write_document<Schema<KeptAppended>>(KeptAppended{answer.first, answer.last, answer.generation, {}},
                                              kTypicalStoredBytes);
}

template <>
Result<AppendedDocuments> decode_answer(std::string_view text) {
  TRY(auto kept, (read_document<Schema<KeptAppended>, KeptAppended>(text)));
  return AppendedDocuments{kept.first, kept.last, std::move(kept.generation)};
}

}  // namespace loopstate::store
