#include "port/text.hpp"

#include <fmt/format.h>

namespace loopstate::table {
namespace {

std::string join(const auto& range, const auto& text_of_element) {
  std::string text;
  for (const auto& element : range) {
    if (!text.empty()) text += ", ";
    text += text_of_element(element);
  }
  return text;
}

std::string in_quotes(std::string_view text) {
  return fmt::format("\"{}\"", text);
}

std::string hex(std::string_view bytes) {
  std::string text = "0x";
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::string members(const Attributes& attributes) {
  return join(attributes, [](const auto& entry) { return entry.first + ": " + text_of(entry.second); });
}

struct TextOf {
  std::string operator()(const std::string& text) const { return in_quotes(text); }
  std::string operator()(const Number& number) const { return number.text; }
  std::string operator()(const Binary& binary) const { return hex(binary.bytes); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(Null) const { return "null"; }
  std::string operator()(const StringSet& set) const {
    return "set(" + join(set.values, [](const auto& text) { return in_quotes(text); }) + ")";
  }
  std::string operator()(const NumberSet& set) const {
    return "set(" + join(set.values, [](const auto& number) { return number.text; }) + ")";
  }
  std::string operator()(const BinarySet& set) const {
    return "set(" + join(set.values, [](const auto& binary) { return hex(binary.bytes); }) + ")";
  }
  std::string operator()(const List& list) const {
    return "[" + join(list, [](const auto& value) { return text_of(value); }) + "]";
  }
  std::string operator()(const Map& map) const { return "{" + members(map) + "}"; }
};

std::string_view sign(Comparison comparison) {
  switch (comparison) {
    case Comparison::Equal:
      return "=";
    case Comparison::NotEqual:
      return "<>";
    case Comparison::Less:
      return "<";
    case Comparison::LessOrEqual:
      return "<=";
    case Comparison::Greater:
      return ">";
    case Comparison::GreaterOrEqual:
      return ">=";
  }
  return "?";
}

std::string children(const Condition& condition, std::string_view word) {
  std::string text;
  for (const auto& child : condition.children()) {
    if (!text.empty()) text += fmt::format(" {} ", word);
    text += text_of(child);
  }
  return "(" + text + ")";
}

std::string text_of_change(const Change& change) {
  const std::string path = to_string(change.path);
  switch (change.kind) {
    case Change::Kind::Set:
      return fmt::format("set {} = {}", path, text_of(change.value));
    case Change::Kind::Remove:
      return fmt::format("remove {}", path);
    case Change::Kind::Add:
      return fmt::format("add {} {}", path, text_of(change.value));
    case Change::Kind::DeleteElements:
      return fmt::format("delete {} {}", path, text_of(change.value));
  }
  return "?";
}

}  // namespace

std::string text_of(const Value& value) {
  return std::visit(TextOf(), value.data());
}

std::string text_of(const Key& key) {
  return key.pk + "/" + key.sk;
}

std::string text_of(const Item& item) {
  return text_of(item.key) + " {" + members(item.attributes) + "}";
}

std::string text_of(const std::optional<Item>& item) {
  return item ? text_of(*item) : "nothing";
}

std::string text_of(const Condition& condition) {
  using Kind = Condition::Kind;
  const std::string path = to_string(condition.path());
  switch (condition.kind()) {
    case Kind::Always:
      return "always";
    case Kind::Exists:
      return fmt::format("exists({})", path);
    case Kind::Absent:
      return fmt::format("absent({})", path);
    case Kind::Compare:
      return fmt::format("{} {} {}", path, sign(condition.comparison()), text_of(condition.value()));
    case Kind::BeginsWith:
      return fmt::format("begins_with({}, {})", path, text_of(condition.value()));
    case Kind::Contains:
      return fmt::format("contains({}, {})", path, text_of(condition.value()));
    case Kind::And:
      return children(condition, "and");
    case Kind::Or:
      return children(condition, "or");
    case Kind::Not:
      return "not " + children(condition, "");
  }
  return "?";
}

std::string text_of(const Update& update) {
  return join(update, text_of_change);
}

std::string text_of(const Operation& operation) {
  struct {
    std::string operator()(const Put& put) const { return "put " + text_of(put.item); }
    std::string operator()(const UpdateItem& update) const {
      return "update " + text_of(update.key) + ": " + text_of(update.update);
    }
    std::string operator()(const Erase& erase) const { return "erase " + text_of(erase.key); }
    std::string operator()(const Check& check) const { return "check " + text_of(check.key); }
  } text;
  const auto& condition =
      std::visit([](const auto& one) -> const Condition& { return one.condition; }, operation);
  return std::visit(text, operation) + " if " + text_of(condition);
}

}  // namespace loopstate::table
