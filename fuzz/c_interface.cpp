// Any names, JSON and buffers through the functions of loopstate.h, over a store in a temporary folder. Each
// line of an input is a call: its name, or #N for the Nth of all, a space, the JSON, and for each buffer a
// tab and its bytes.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "c/call.hpp"
#include "check.hpp"
#include "json/reader.hpp"
#include "json/view.hpp"
#include "loopstate.h"

using namespace loopstate;

namespace {

namespace fs = std::filesystem;

/// A folder that is also the process's own: no path of an input leads out of it.
class Place {
 public:
  Place() {
    std::string name = (fs::temp_directory_path() / "loopstate-fuzz-XXXXXX").string();
    fuzz::check(mkdtemp(name.data()) != nullptr, "there is a temporary folder");
    path_ = name;
    fs::current_path(path_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  void clear() const {
    for (const auto& entry : fs::directory_iterator(path_)) fs::remove_all(entry.path());
  }

 private:
  fs::path path_;
};

loopstate_bytes bytes_of(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view text_of(loopstate_bytes bytes) {
  return {static_cast<const char*>(bytes.data), bytes.size};
}

/// What holds for any answer. Frees it.
bool judge(loopstate_answer* answer) {
  fuzz::check(answer != nullptr, "there is an answer");
  const auto text = text_of(loopstate_json(answer));
  json::Reader reader(text, {.depth = json::kMaxDepth});
  reader.skip();
  fuzz::check(reader.finish(), "an answer is JSON");
  for (std::size_t i = 0; i <= loopstate_buffer_count(answer); ++i) {
    const auto buffer = text_of(loopstate_buffer(answer, i));
    fuzz::check(std::string(buffer).size() == buffer.size(), "a buffer can be read");
  }
  const bool ok = loopstate_ok(answer) == 1;
  if (!ok) {
    const json::View error(text);
    const auto code = json::string_member(error, "code");
    fuzz::check(code && *code != "Internal", "no input is a defect of the library");
    fuzz::check(json::string_member(error, "message").has_value(), "an error says what is wrong");
  }
  loopstate_free(answer);
  return ok;
}

/// Opened anew for every so many inputs, since that takes longer than most of them.
loopstate_store current_store() {
  static const Place place;
  static loopstate_store store = 0;
  static int left = 0;
  if (left-- > 0) return store;
  constexpr int kInputsForEach = 200;
  left = kInputsForEach;
  if (store != 0) fuzz::check(judge(loopstate_close(store)), "an open store can be closed");
  place.clear();
  const auto opened = judge(loopstate_open(bytes_of(R"({"url":"embedded:./store.db"})"), &store));
  fuzz::check(opened && store != 0, "a store can be opened");
  return store;
}

std::string name_of(std::string_view word) {
  if (!word.starts_with('#')) return std::string(word);
  const auto calls = c::all_calls();
  const auto number = std::strtoul(std::string(word.substr(1)).c_str(), nullptr, 10);
  return std::string(calls[number % calls.size()].name);
}

void make_call(loopstate_store store, std::string_view line) {
  const auto space = std::min(line.find(' '), line.size());
  const auto name = name_of(line.substr(0, space));
  // An absolute path would lead elsewhere, and so might one with an escape.
  if (name.starts_with("backup.") && line.find_first_of("/\\") != std::string_view::npos) return;
  line.remove_prefix(std::min(space + 1, line.size()));
  std::vector<loopstate_bytes> parts;
  while (true) {
    const auto tab = std::min(line.find('\t'), line.size());
    parts.push_back(bytes_of(line.substr(0, tab)));
    if (tab == line.size()) break;
    line.remove_prefix(tab + 1);
  }
  judge(loopstate_call(store, name.c_str(), parts.front(), parts.data() + 1, parts.size() - 1));
}

/// As settings, unless they might name a store elsewhere.
void open_another(std::string_view text) {
  for (const auto* word : {"url", "URL", "DYNAMO", "\\"}) {
    if (text.find(word) != std::string_view::npos) return;
  }
  loopstate_store other = 0;
  const bool opened = judge(loopstate_open(bytes_of(text), &other));
  fuzz::check(opened == (other != 0), "who opened a store has its handle");
  if (opened) judge(loopstate_close(other));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxLines = 64;
  const auto store = current_store();
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (std::size_t i = 0; i < kMaxLines && !text.empty(); ++i) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    if (line.starts_with("open ")) {
      open_another(line.substr(5));
    } else {
      make_call(store, line);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}
