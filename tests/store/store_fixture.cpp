#include "store/store_fixture.hpp"

#include "store/rows/attributes.hpp"

namespace loopstate::testing {
namespace {

// Before every item's end, so that nothing is hidden.
constexpr table::Call kSeesAll{{}, Deadline::max()};

}  // namespace

StoreTest::StoreTest()
    : engine_(GetParam().make(runner_.executor())),
      table_(std::make_shared<HookedTable>(engine_)),
      store_(store::store_over(table_, {}, clock_)) {}

void StoreTest::place(table::Item item) {
  table::Put put{std::move(item), {}};
  must(run(engine_->put(std::move(put), kSeesAll)));
}

std::optional<table::Item> StoreTest::row(table::Key key) {
  return must(run(engine_->get(std::move(key), kSeesAll)));
}

void StoreTest::remove(table::Key key) {
  table::Erase erase{std::move(key), {}};
  must(run(engine_->erase(std::move(erase), kSeesAll)));
}

void StoreTest::place_rust_items() {
  for (auto& item : rust_items()) place(std::move(item));
}

void StoreTest::place_tombstone(std::string_view user) {
  table::Item tombstone;
  tombstone.key = store::context_key(user);
  tombstone.attributes.set(std::string(store::attribute::kVersion), table::Value::number(std::uint64_t{7}));
  tombstone.attributes.set(std::string(store::attribute::kUpdatedAt), table::Value::time(now()));
  tombstone.attributes.set(std::string(store::attribute::kErasedAt), table::Value::time(now()));
  place(std::move(tombstone));
}

}  // namespace loopstate::testing
