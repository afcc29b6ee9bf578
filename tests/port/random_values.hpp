// Random keys, values, conditions and updates from small domains, so that they collide.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>

#include "table/table.hpp"

namespace loopstate::table {

/// The standard fixes the engine's output, but not what its distributions make of it: so none is used.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  bool one_in(std::size_t count) { return below(count) == 0; }
  /// An index, as often as its weight says.
  std::size_t weighted(std::initializer_list<std::size_t> weights);

 private:
  std::mt19937_64 engine_;
};

class RandomValues {
 public:
  RandomValues(Random& random, Timestamp now) : random_(random), now_(now) {}

  void advance(std::chrono::seconds by) { now_ += by; }

  Key key();
  Item item(Key key);
  Condition condition();
  Update update();

 private:
  std::string text();
  Number number();
  Value scalar();
  Value set();
  Value value(int depth);
  Value ttl();
  Path path();
  Condition leaf();
  Change change();

  Random& random_;
  Timestamp now_;
};

}  // namespace loopstate::table
