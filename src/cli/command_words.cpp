#include "cli/command_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "base/nearest.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"

namespace loopstate::cli {
namespace {

constexpr std::size_t kMaxWords = 2;

bool takes_value(std::string_view option) {
  return option == "--store" || option == "--timeout";
}

bool is_known_everywhere(std::string_view option) {
  constexpr std::string_view kKnown[] = {"--json", "--help", "-h", "--version", "-V"};
  return std::ranges::find(kKnown, option) != std::end(kKnown) || option.starts_with("--store=") ||
         option.starts_with("--timeout=");
}

/// "link" of "card link", for every command of the group.
std::vector<std::string> words_in(std::string_view group) {
  std::vector<std::string> words;
  for (const auto& command : all_commands()) {
    const auto& all = command.words;
    if (all.size() > group.size() && all.starts_with(group) && all[group.size()] == ' ')
      words.push_back(all.substr(group.size() + 1));
  }
  return words;
}

bool is_command(std::string_view words) {
  return std::ranges::any_of(all_commands(), [&](const Command& command) { return command.words == words; });
}

/// Commands of one word, and groups.
std::vector<std::string> first_words() {
  std::vector<std::string> words;
  for (const auto& command : all_commands()) {
    auto word = command.words.substr(0, command.words.find(' '));
    if (words.empty() || words.back() != word) words.push_back(std::move(word));
  }
  return words;
}

/// "get": "context get", "memory get" and so on.
std::vector<std::string> commands_ending_in(std::string_view word) {
  std::vector<std::string> found;
  for (const auto& command : all_commands()) {
    const auto space = command.words.find(' ');
    if (space != std::string::npos && command.words.substr(space + 1) == word) found.push_back(command.words);
  }
  return found;
}

std::unexpected<Error> no_command(std::string_view typed, const std::vector<std::string>& meant,
                                  std::string_view otherwise) {
  std::string way_out(otherwise);
  if (!meant.empty()) {
    way_out = fmt::format("did you mean '{}'?", fmt::join(meant, "' or '"));
  }
  return fail(ErrorCode::InvalidArgument, fmt::format("there is no command {}; {}", shown(typed), way_out));
}

/// What a first word that is neither command nor group was meant to be.
std::vector<std::string> meant_by(const std::vector<std::string>& words) {
  if (words.size() > 1) {
    auto turned = fmt::format("{} {}", words[1], words[0]);
    if (is_command(turned)) return {std::move(turned)};
  }
  if (auto ending = commands_ending_in(words[0]); !ending.empty()) return ending;
  auto near = nearest(words[0], first_words());
  if (!near) return {};
  return {std::move(*near)};
}

Result<void> check_second_word(const std::string& group, const std::vector<std::string>& words,
                               const std::vector<std::string>& there_are, GroupAlone group_alone) {
  const auto list = fmt::format("'{}' goes with one of: {}", group, fmt::join(there_are, ", "));
  if (words.size() < 2 && group_alone == GroupAlone::Allowed) return {};
  if (words.size() < 2) return fail(ErrorCode::InvalidArgument, list);
  if (std::ranges::find(there_are, words[1]) != there_are.end()) return {};
  std::vector<std::string> meant;
  if (const auto near = nearest(words[1], there_are)) meant.push_back(fmt::format("{} {}", group, *near));
  return no_command(fmt::format("{} {}", group, words[1]), meant, list);
}

}  // namespace

std::vector<std::string> leading_words(int argc, const char* const* argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc && words.size() < kMaxWords; ++i) {
    const std::string_view word = argv[i];
    if (takes_value(word)) {
      ++i;
    } else if (!word.starts_with('-')) {
      words.emplace_back(word);
    } else if (!is_known_everywhere(word)) {
      break;
    }
  }
  return words;
}

Result<void> check_command_words(const std::vector<std::string>& words, GroupAlone group_alone) {
  if (words.empty() || is_command(words[0])) return {};
  if (const auto there_are = words_in(words[0]); !there_are.empty())
    return check_second_word(words[0], words, there_are, group_alone);
  return no_command(words[0], meant_by(words), "'loopstate help' lists them");
}

}  // namespace loopstate::cli
