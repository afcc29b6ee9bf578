#include "dynamodb/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/try.hpp"
#include "table/service/live_condition.hpp"

namespace loopstate::dynamodb {

using table::Change;
using table::Comparison;
using table::Condition;
using table::Value;
namespace service = table::service;

namespace {

constexpr std::size_t kMaxTextBytes = 4096;

/// A rendered condition.
struct Rendered {
  std::string text;
  bool atomic = true;  ///< needs no parentheses beside AND, OR and NOT
};

std::string wrapped(const Rendered& rendered) {
  return rendered.atomic ? rendered.text : "(" + rendered.text + ")";
}

std::string_view symbol(Comparison comparison) {
  static constexpr std::array<std::string_view, 6> kSymbols = {"=", "<>", "<", "<=", ">", ">="};
  return kSymbols.at(static_cast<std::size_t>(comparison));
}

class Renderer {
 public:
  explicit Renderer(Placeholders& placeholders) : placeholders_(placeholders) {}

  Rendered render(const Condition& condition) {
    switch (condition.kind()) {
      case Condition::Kind::Always:
        return {};
      case Condition::Kind::Exists:
        return call("attribute_exists", condition.path(), nullptr);
      case Condition::Kind::Absent:
        return call("attribute_not_exists", condition.path(), nullptr);
      case Condition::Kind::Compare:
        return {fmt::format("{} {} {}", placeholders_.path(condition.path()), symbol(condition.comparison()),
                            placeholders_.value(condition.value()))};
      case Condition::Kind::BeginsWith:
        return call("begins_with", condition.path(), &condition.value());
      case Condition::Kind::Contains:
        return call("contains", condition.path(), &condition.value());
      case Condition::Kind::And:
        return join(condition, " AND ");
      case Condition::Kind::Or:
        return join(condition, " OR ");
      case Condition::Kind::Not:
        return {"NOT " + wrapped(render(condition.children().front())), false};
    }
    return {};
  }

 private:
  Rendered call(std::string_view function, const table::Path& path, const Value* value) {
    std::string text = fmt::format("{}({}", function, placeholders_.path(path));
    if (value != nullptr) text += ", " + placeholders_.value(*value);
    return {text + ")"};
  }

  Rendered join(const Condition& condition, std::string_view word) {
    Rendered joined{{}, false};
    for (const Condition& child : condition.children()) {
      if (!joined.text.empty()) joined.text += word;
      joined.text += wrapped(render(child));
    }
    return joined;
  }

  Placeholders& placeholders_;
};

Result<void> check_size(const Expressions& expressions) {
  if (expressions.condition.size() <= kMaxTextBytes && expressions.update.size() <= kMaxTextBytes) return {};
  return fail(
      ErrorCode::InvalidArgument,
      fmt::format("a condition of {} and an update of {} bytes: as an expression, each may have at most {}",
                  expressions.condition.size(), expressions.update.size(), kMaxTextBytes));
}

/// Nothing if there is no condition.
Result<Expressions> condition_text(const std::optional<Condition>& condition) {
  Expressions out;
  if (!condition) return out;
  TRY_OK(service::check_expression(*condition));
  out.condition = Renderer(out.placeholders).render(*condition).text;
  TRY_OK(check_size(out));
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
  return condition_text(service::live_condition(condition, now));
}

Result<Expressions> render_check(const Condition& condition, Timestamp now) {
  return condition_text(service::live_check(condition, now));
}

Result<Expressions> render_update(const table::Update& update, const Condition& condition, Timestamp now) {
  TRY(auto out, condition_text(service::live_update(condition, now)));
  for (const Change& change : update) {
    TRY_OK(service::check_path(change.path));
  }
  out.update = update_text(update, out.placeholders);
  TRY_OK(check_size(out));
  return out;
}

}  // namespace loopstate::dynamodb
