// Any text as a value and as an item in DynamoDB's typed JSON: what can be read is written so that it reads
// the same, and what is refused is named.
#include "table/json/typed_json.hpp"

#include "base/utf8.hpp"
#include "check.hpp"

namespace {

using namespace loopstate;

template <typename T, typename Read>
bool read(std::string_view text, T& value, Read read_one) {
  json::Reader reader(text);
  const bool taken = read_one(reader, value);
  fuzz::check(taken == reader.ok(), "what is not read is a problem, and nothing else is one");
  if (!taken) fuzz::check(is_utf8(reader.problem().message), "messages are UTF-8");
  if (!taken) fuzz::check(reader.problem().offset <= text.size(), "the problem is inside the text");
  return taken && reader.finish();
}

template <typename T, typename Read, typename Append>
void there_and_back(std::string_view text, Read read_one, Append append) {
  T value;
  if (!read(text, value, read_one)) return;
  std::string written;
  append(written, value);
  T again;
  fuzz::check(read(written, again, read_one), "what is written can be read");
  fuzz::check(again == value, "and reads the same");
  std::string twice;
  append(twice, again);
  fuzz::check(twice == written, "equal values have equal texts");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  there_and_back<table::Value>(text, table::read_value, table::append_value);
  there_and_back<table::Item>(text, table::read_item, table::append_item);
  there_and_back<table::Key>(text, table::read_key, table::append_key);
  return 0;
}
