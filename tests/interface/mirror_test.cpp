// BlockingStore is a Store that waits: the same calls, with the same arguments and answers, word for word.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

namespace loopstate {
namespace {

std::string header(const std::string& name) {
  std::ifstream file(LOOPSTATE_FIXTURES "/../../include/loopstate/" + name);
  std::stringstream text;
  text << file.rdbuf();
  const auto without_comments = std::regex_replace(text.str(), std::regex("//[^\n]*"), "");
  return std::regex_replace(without_comments, std::regex("\\s+"), " ");
}

/// Every call that `declaration` (answer, name, arguments) finds: its name, and "answer(arguments)".
std::multimap<std::string, std::string> calls_in(const std::string& text, const std::string& declaration) {
  std::multimap<std::string, std::string> calls;
  const std::regex pattern(declaration);
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
    calls.emplace((*at)[2], (*at)[1].str() + "(" + (*at)[3].str() + ")");
  }
  return calls;
}

// A coroutine call takes by name what a call that waits takes by value (by_name.hpp).
std::string by_value(const std::string& text) {
  const auto values = std::regex_replace(text, std::regex("ByName<(\\w+)>"), "$1");
  return std::regex_replace(values, std::regex("FunctionByName<"), "std::function<");
}

const std::string kArguments = R"((\w+)\(([^;]*)\)(?=;))";

TEST(BlockingStore, HasEveryCallOfTheStoreWithTheSameArgumentsAndAnswers) {
  const auto store = calls_in(by_value(header("store.hpp")), R"([{};] Task<([^;()]*)> )" + kArguments);
  const auto blocking =
      calls_in(header("blocking.hpp"), R"([{};] ((?:Result|std::vector)<[^;()]*>) )" + kArguments);
  EXPECT_GE(store.size(), 30u);
  EXPECT_EQ(blocking, store);
}

TEST(BlockingQuestions, HasEveryQuestionWithTheSameArgumentsAndAnswers) {
  const auto text = header("questions.hpp");
  const auto questions = calls_in(text, R"([{};] Task<([^;()]*)> )" + kArguments);
  const auto blocking = calls_in(text, R"([{};] (Result<[^;()]*>) )" + kArguments);
  EXPECT_GE(questions.size(), 5u);
  EXPECT_EQ(blocking, questions);
}

TEST(BlockingStore, IsOpenedAsTheStoreIs) {
  const auto opens = [](const std::string& name, const std::string& type) {
    return calls_in(std::regex_replace(header(name), std::regex(type), "ANY"),
                    R"(static (Result<\w+>) )" + kArguments);
  };
  EXPECT_EQ(opens("store.hpp", "Store").size(), 2u);
  EXPECT_EQ(opens("blocking.hpp", "BlockingStore"), opens("store.hpp", "Store"));
}

}  // namespace
}  // namespace loopstate
