#include "dax/expression.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dax/cbor_writer.hpp"
#include "dax/value.hpp"

namespace loopstate::dax {
namespace {

using table::Change;
using table::Condition;
using table::Path;
using table::Value;

constexpr std::int64_t kFormat = 1;

/// The first element of a node. Note the order of the comparisons.
enum class Op : std::uint8_t {
  Equal = 0,
  NotEqual = 1,
  Less = 2,
  GreaterOrEqual = 3,
  Greater = 4,
  LessOrEqual = 5,
  And = 6,
  Or = 7,
  Not = 8,
  Between = 9,
  Exists = 11,
  Absent = 12,
  BeginsWith = 14,
  Contains = 15,
  ValueAt = 17,
  PathOf = 18,
  Set = 19,
  Add = 20,
  Delete = 21,
  Remove = 22
};

Op op_of(table::Comparison comparison) {
  static constexpr std::array kOps = {Op::Equal,       Op::NotEqual, Op::Less,
                                      Op::LessOrEqual, Op::Greater,  Op::GreaterOrEqual};
  return kOps.at(static_cast<std::size_t>(comparison));
}

Op op_of(Change::Kind kind) {
  static constexpr std::array kOps = {Op::Set, Op::Remove, Op::Add, Op::Delete};
  return kOps.at(static_cast<std::size_t>(kind));
}

/// Writes nodes, and keeps their values for the end. The values must outlive it.
class Tree {
 public:
  void condition(const Condition& condition) {
    switch (condition.kind()) {
      case Condition::Kind::Always:
        return;
      case Condition::Kind::Exists:
        return function(Op::Exists, condition.path());
      case Condition::Kind::Absent:
        return function(Op::Absent, condition.path());
      case Condition::Kind::Compare:
        return comparison(op_of(condition.comparison()), condition.path(), condition.value());
      case Condition::Kind::BeginsWith:
        return comparison(Op::BeginsWith, condition.path(), condition.value());
      case Condition::Kind::Contains:
        return comparison(Op::Contains, condition.path(), condition.value());
      case Condition::Kind::And:
        return join(Op::And, condition.children());
      case Condition::Kind::Or:
        return join(Op::Or, condition.children());
      case Condition::Kind::Not:
        node(Op::Not, 1);
        return this->condition(condition.children().front());
    }
  }

  void update(const table::Update& update) {
    cbor::append_array(nodes_, update.size());
    for (const Change& change : update) {
      if (change.kind == Change::Kind::Remove) {
        function(Op::Remove, change.path);
      } else {
        comparison(op_of(change.kind), change.path, change.value);
      }
    }
  }

  void comparison(Op op, const Path& path, const Value& value) {
    function(op, path, 2);
    this->value(value);
  }

  void between(const Path& path, const Value& first, const Value& last) {
    function(Op::Between, path, 3);
    value(first);
    value(last);
  }

  void node(Op op, std::size_t operands) {
    cbor::append_array(nodes_, 1 + operands);
    cbor::append_integer(nodes_, static_cast<std::int64_t>(op));
  }

  /// The whole: format, nodes and values, as a byte string.
  void finish(std::string& out) const {
    const std::size_t begin = out.size();
    cbor::append_array(out, 3);
    cbor::append_integer(out, kFormat);
    out += nodes_;
    cbor::append_array(out, values_.size());
    for (const Value* value : values_) append_value(out, *value);
    cbor::wrap_bytes(out, begin);
  }

 private:
  void function(Op op, const Path& path, std::size_t operands = 1) {
    node(op, operands);
    node(Op::PathOf, 1 + path.steps.size());
    cbor::append_text(nodes_, path.attribute);
    for (const auto& step : path.steps) {
      if (const auto* member = std::get_if<std::string>(&step)) {
        cbor::append_text(nodes_, *member);
      } else {
        cbor::append_tag(nodes_, cbor::kTagListIndex);
        cbor::append_integer(nodes_, std::get<std::uint32_t>(step));
      }
    }
  }

  void value(const Value& value) {
    const auto same = [&](const Value* one) { return *one == value; };
    const auto at = std::ranges::find_if(values_, same) - values_.begin();
    if (static_cast<std::size_t>(at) == values_.size()) values_.push_back(&value);
    node(Op::ValueAt, 1);
    cbor::append_integer(nodes_, at);
  }

  /// A node has two operands: the list is halved, so that no tree gets deep.
  void join(Op op, std::span<const Condition> children) {
    if (children.size() == 1) return condition(children.front());
    node(op, 2);
    const std::size_t half = children.size() / 2;
    join(op, children.first(half));
    join(op, children.subspan(half));
  }

  std::string nodes_;
  std::vector<const Value*> values_;
};

}  // namespace

void append_condition(std::string& out, const Condition& condition) {
  Tree tree;
  tree.condition(condition);
  tree.finish(out);
}

void append_update(std::string& out, const table::Update& update) {
  Tree tree;
  tree.update(update);
  tree.finish(out);
}

void append_key_condition(std::string& out, const table::Query& query) {
  const table::SortRange& range = query.range;
  const Path sort_key(table::kSortKey);
  const Value pk(query.pk);
  const Value first(range.prefix ? *range.prefix : range.first.value_or(""));
  const Value last(range.last.value_or(""));
  Tree tree;
  const bool bounded = range.prefix || range.first || range.last;
  if (bounded) tree.node(Op::And, 2);
  tree.comparison(Op::Equal, Path(table::kPartitionKey), pk);
  if (range.prefix) {
    tree.comparison(Op::BeginsWith, sort_key, first);
  } else if (range.first && range.last) {
    tree.between(sort_key, first, last);
  } else if (range.first) {
    tree.comparison(Op::GreaterOrEqual, sort_key, first);
  } else if (range.last) {
    tree.comparison(Op::LessOrEqual, sort_key, last);
  }
  tree.finish(out);
}

}  // namespace loopstate::dax
