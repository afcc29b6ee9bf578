#include "dax/cluster.hpp"

#include <gtest/gtest.h>

namespace loopstate::dax {

using std::chrono::seconds;
using std::chrono::steady_clock;
using Word = Node::Word;

namespace {

Node::Unfinished said(Word word) {
  Node::Unfinished out;
  out.word = word;
  return out;
}

}  // namespace

TEST(DaxCluster, SilenceUntilTheLimitIsTheNodes) {
  EXPECT_EQ(word_of(said(Word::Silent), steady_clock::now()), Word::Silent);
}

TEST(DaxCluster, SilenceLongPastTheLimitIsTheEventLoops) {
  EXPECT_EQ(word_of(said(Word::Silent), steady_clock::now() - seconds(60)), Word::None);
  EXPECT_EQ(word_of(said(Word::Broken), steady_clock::now() - seconds(60)), Word::Broken);
}

}  // namespace loopstate::dax
