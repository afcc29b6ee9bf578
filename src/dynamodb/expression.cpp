#include "dynamodb/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/try.hpp"

namespace loopstate::dynamodb {

using table::Change;
using table::Comparison;
using table::Condition;
using table::Value;

namespace {

constexpr std::size_t kMaxTextBytes = 4096;
constexpr std::size_t kMaxOperators = 300;
constexpr std::size_t kMaxNameBytes = 255;

/// A rendered condition; its texts are empty where it is known to hold or not to hold whatever the item.
struct Rendered {
  enum class Known : std::uint8_t { No, True, False };
  Known known = Known::No;
  std::string text;
  bool atomic = true;  ///< needs no parentheses beside AND, OR and NOT

  static Rendered truth(bool value) { return {value ? Known::True : Known::False, {}, true}; }
};

std::string wrapped(const Rendered& rendered) {
  return rendered.atomic ? rendered.text : "(" + rendered.text + ")";
}

std::string_view symbol(Comparison comparison) {
  static constexpr std::array<std::string_view, 6> kSymbols = {"=", "<>", "<", "<=", ">", ">="};
  return kSymbols.at(static_cast<std::size_t>(comparison));
}

/// Whether values of this type have an order. The service refuses to look for one elsewhere.
bool has_order(const Value& value) {
  return value.string() != nullptr || value.number() != nullptr ||
         std::holds_alternative<table::Binary>(value.data());
}

class Renderer {
 public:
  explicit Renderer(Placeholders& placeholders) : placeholders_(placeholders) {}

  Rendered render(const Condition& condition) {
    switch (condition.kind()) {
      case Condition::Kind::Always:
        return Rendered::truth(true);
      case Condition::Kind::Exists:
        return call("attribute_exists", condition.path(), nullptr);
      case Condition::Kind::Absent:
        return call("attribute_not_exists", condition.path(), nullptr);
      case Condition::Kind::Compare:
        return compare(condition);
      case Condition::Kind::BeginsWith:
        return begins_with(condition);
      case Condition::Kind::Contains:
        return call("contains", condition.path(), &condition.value());
      case Condition::Kind::And:
        return join(condition, " AND ", Rendered::Known::False);
      case Condition::Kind::Or:
        return join(condition, " OR ", Rendered::Known::True);
      case Condition::Kind::Not:
        return negate(condition.children().front());
    }
    return Rendered::truth(true);
  }

  Rendered operation(const std::string& left, std::string_view how, const std::string& right) {
    ++operators_;
    return {Rendered::Known::No, fmt::format("{} {} {}", left, how, right), true};
  }

  Rendered call(std::string_view function, const table::Path& path, const Value* value) {
    ++operators_;
    std::string text = fmt::format("{}({}", function, placeholders_.path(path));
    if (value != nullptr) text += ", " + placeholders_.value(*value);
    return {Rendered::Known::No, text + ")", true};
  }

  void count(std::size_t more) { operators_ += more; }
  std::size_t operators() const { return operators_; }

 private:
  Rendered compare(const Condition& condition) {
    const Comparison how = condition.comparison();
    const bool equality = how == Comparison::Equal || how == Comparison::NotEqual;
    if (!equality && !has_order(condition.value())) return Rendered::truth(false);
    return operation(placeholders_.path(condition.path()), symbol(how),
                     placeholders_.value(condition.value()));
  }

  Rendered begins_with(const Condition& condition) {
    const std::string* prefix = condition.value().string();
    if (prefix == nullptr) return Rendered::truth(false);
    return call("begins_with", condition.path(), &condition.value());
  }

  Rendered join(const Condition& condition, std::string_view word, Rendered::Known decides) {
    std::vector<Rendered> open;
    for (const Condition& child : condition.children()) {
      Rendered rendered = render(child);
      if (rendered.known == decides) return rendered;
      if (rendered.known == Rendered::Known::No) open.push_back(std::move(rendered));
    }
    if (open.empty()) return Rendered::truth(decides == Rendered::Known::False);
    if (open.size() == 1) return std::move(open.front());
    Rendered joined{Rendered::Known::No, {}, false};
    for (const Rendered& part : open) {
      if (!joined.text.empty()) joined.text += word;
      joined.text += wrapped(part);
    }
    operators_ += open.size() - 1;
    return joined;
  }

  Rendered negate(const Condition& child) {
    const Rendered inner = render(child);
    if (inner.known != Rendered::Known::No) return Rendered::truth(inner.known == Rendered::Known::False);
    ++operators_;
    return {Rendered::Known::No, "NOT " + wrapped(inner), false};
  }

  Placeholders& placeholders_;
  std::size_t operators_ = 0;
};

/// Holds for an item whose `ttl` is a number at or below now. Another type never compares with a number, and
/// nor does an absent attribute: such items live.
Rendered expired(Renderer& renderer, Placeholders& placeholders, Timestamp now) {
  return renderer.operation(placeholders.name(table::kTimeToLive),
                            "<=", placeholders.value(Value::time(now)));
}

Result<void> check_limits(const Expressions& expressions, std::size_t operators) {
  if (expressions.condition.size() > kMaxTextBytes || expressions.update.size() > kMaxTextBytes) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("a condition of {} and an update of {} bytes: each may have {} as an expression",
                            expressions.condition.size(), expressions.update.size(), kMaxTextBytes));
  }
  if (operators > kMaxOperators) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("a condition with {} operators; {} is the most", operators, kMaxOperators));
  }
  for (const std::string& name : expressions.placeholders.names()) {
    if (name.empty() || name.size() > kMaxNameBytes) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("an attribute name of {} bytes in a condition or update; 1 to {} are possible",
                              name.size(), kMaxNameBytes));
    }
  }
  return {};
}

/// `must_hold_something`: the text may not be empty.
Result<Expressions> condition_text(const Condition& condition, Timestamp now, bool must_hold_something) {
  Expressions out;
  Renderer renderer(out.placeholders);
  const bool holds_for_none = table::holds(condition, nullptr);
  Rendered own = renderer.render(condition);
  if (own.known == Rendered::Known::True && !must_hold_something) return out;
  if (own.known != Rendered::Known::No) {
    const std::string key = out.placeholders.name(table::kPartitionKey);
    const bool truth = own.known == Rendered::Known::True;
    out.condition =
        fmt::format("attribute_exists({}) {} attribute_not_exists({})", key, truth ? "OR" : "AND", key);
    return out;
  }
  const Rendered gone = expired(renderer, out.placeholders, now);
  out.condition = holds_for_none ? fmt::format("{} OR {}", gone.text, wrapped(own))
                                 : fmt::format("(NOT {}) AND {}", gone.text, wrapped(own));
  renderer.count(2);
  TRY_OK(check_limits(out, renderer.operators()));
  return out;
}

std::string_view clause(Change::Kind kind) {
  static constexpr std::array<std::string_view, 4> kClauses = {"SET ", "REMOVE ", "ADD ", "DELETE "};
  return kClauses.at(static_cast<std::size_t>(kind));
}

std::string update_text(const table::Update& update, Placeholders& placeholders) {
  std::array<std::string, 4> parts;
  for (const Change& change : update) {
    std::string& part = parts.at(static_cast<std::size_t>(change.kind));
    part += part.empty() ? clause(change.kind) : ", ";
    part += placeholders.path(change.path);
    if (change.kind == Change::Kind::Remove) continue;
    part += change.kind == Change::Kind::Set ? " = " : " ";
    part += placeholders.value(change.value);
  }
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!text.empty()) text += ' ';
    text += part;
  }
  return text;
}

}  // namespace

std::string Placeholders::name(std::string_view name) {
  auto at = std::ranges::find(names_, name);
  if (at == names_.end()) at = names_.insert(names_.end(), std::string(name));
  return fmt::format("#{}", at - names_.begin());
}

std::string Placeholders::value(const Value& value) {
  auto at = std::ranges::find(values_, value);
  if (at == values_.end()) at = values_.insert(values_.end(), value);
  return fmt::format(":{}", at - values_.begin());
}

std::string Placeholders::path(const table::Path& path) {
  std::string text = name(path.attribute);
  for (const auto& step : path.steps) {
    if (const auto* member = std::get_if<std::string>(&step)) {
      text += "." + name(*member);
    } else {
      text += fmt::format("[{}]", std::get<std::uint32_t>(step));
    }
  }
  return text;
}

Result<Expressions> render_condition(const Condition& condition, Timestamp now) {
  return condition_text(condition, now, false);
}

Result<Expressions> render_check(const Condition& condition, Timestamp now) {
  return condition_text(condition, now, true);
}

Result<Expressions> render_update(const table::Update& update, const Condition& condition, Timestamp now) {
  Expressions out;
  Renderer renderer(out.placeholders);
  const Rendered own = renderer.render(condition);
  const std::string key = out.placeholders.name(table::kPartitionKey);
  if (own.known == Rendered::Known::False) {
    out.condition = fmt::format("attribute_exists({}) AND attribute_not_exists({})", key, key);
  } else {
    const Rendered gone = expired(renderer, out.placeholders, now);
    out.condition = fmt::format("attribute_exists({}) AND (NOT {})", key, gone.text);
    if (own.known == Rendered::Known::No) out.condition += " AND " + wrapped(own);
    renderer.count(4);
  }
  out.update = update_text(update, out.placeholders);
  TRY_OK(check_limits(out, renderer.operators()));
  return out;
}

}  // namespace loopstate::dynamodb
