// Any text as an import: what can be read is written back and reads the same, and what is wrong is named
// by its line.
#include "store/upkeep/item_lines.hpp"
#include "base/utf8.hpp"
#include "check.hpp"
#include "store/upkeep/item_json.hpp"

namespace {

using namespace loopstate;

// The text in pieces of a few bytes, as a pipe would give it.
std::vector<table::Item> read_all(std::string_view text, std::size_t piece_bytes, bool& whole) {
  store::ItemLines lines([&]() -> Result<std::string> {
    auto piece = std::string(text.substr(0, piece_bytes));
    text.remove_prefix(piece.size());
    return piece;
  });
  std::vector<table::Item> items;
  for (;;) {
    auto item = lines.next();
    whole = item.has_value();
    if (!item) {
      fuzz::check(item.error().message.starts_with("line "), "a mistake is named by its line");
      fuzz::check(is_utf8(item.error().message), "messages are UTF-8");
      return items;
    }
    if (!*item) return items;
    items.push_back(std::move(**item));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  bool whole = false;
  bool whole_again = false;
  const auto items = read_all(text, 65'536, whole);
  fuzz::check(read_all(text, 7, whole_again) == items && whole == whole_again, "pieces make no difference");
  for (const auto& item : items) {
    const auto line = store::item_to_json(item);
    fuzz::check(line.find('\n') == std::string::npos, "an item is one line");
    const auto again = store::item_from_json(line);
    fuzz::check(again && *again == item, "an item survives being written");
  }
  return 0;
}
