// Makes histories of racing callers for the checker (tools/histories).
//
//   history_driver FILE ENGINE KINDS FIRST_SEED COUNT       COUNT histories of each of the KINDS
//   (comma-separated)
//
// ENGINE: embedded, dynamodb (at DYNAMODB_SERVER_ENDPOINT), dax (clusters of the server at
// LOOPSTATE_TEST_DAX_ENDPOINT, in front of that); dynamodb-calm and dax-calm: without faults on the way;
// embedded-stale: reads that may be stale show any earlier state.
#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <cstring>
#include <vector>

#include "dynamodb/test_server.hpp"
#include "histories/campaign.hpp"
#include "histories/worker.hpp"

namespace {

using namespace loopstate::histories;

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    parts.emplace_back(list.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

int make_histories(const std::vector<std::string>& words) {
  const std::string engine = words[1];
  History history;
  history.engine = engine.substr(0, engine.find('-'));
  history.faults = !engine.ends_with("-calm");
  history.stale = engine.ends_with("-stale");
  if (history.engine != "embedded") history.endpoint = loopstate::dynamodb::server_endpoint();
  std::FILE* out = std::fopen(words[0].c_str(), "w");
  if (out == nullptr) return 2;
  int status = 0;
  for (std::uint64_t seed = number(words[3]); seed < number(words[3]) + number(words[4]); ++seed) {
    for (const std::string& kind : split(words[2])) {
      history.kind = kind;
      history.seed = seed;
      if (const std::string failure = make_history(history, out); !failure.empty()) {
        fmt::print(stderr, "{} {} seed {}: {}\n", engine, kind, seed, failure);
        status = 1;
      }
    }
  }
  return std::fclose(out) == 0 ? status : 2;
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> given(words + 1, words + count);
  if (given.size() == 5 && given[0] == "work") {
    Work work;
    work.kind = given[1];
    work.place = given[2];
    work.seed = number(given[3]);
    work.process = static_cast<int>(number(given[4]));
    return run_worker(work);
  }
  if (given.size() != 5) {
    fmt::print(stderr, "history_driver FILE ENGINE KINDS FIRST_SEED COUNT\n");
    return 2;
  }
  return make_histories(given);
}
