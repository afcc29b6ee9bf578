// Random sequences of steps, run against an engine and the model in lockstep.
//   LOOPSTATE_SEED=N       runs only the sequence of that seed, as a failure prints it
//   LOOPSTATE_SEQUENCES=N  runs that many, with seeds starting at LOOPSTATE_SEED (or 1)
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "port/conformance.hpp"
#include "port/random_steps.hpp"

namespace loopstate::table {

struct Disagreement {
  std::size_t step = 0;  ///< index of the first one answered differently
  std::string engine;
  std::string model;
};

/// Runs the steps on a fresh table of the engine and on a fresh model, and scans both at the end. Nothing
/// if all answers agree.
std::optional<Disagreement> run_in_lockstep(const Engine& engine, const std::vector<Step>& steps,
                                            Timestamp start);

/// Runs the sequence; on a disagreement, the report for a person: the seed, the shortest steps found that
/// still disagree, and both answers.
std::optional<std::string> find_disagreement(const Engine& engine, const SequenceOptions& options);

/// As TEST_P: instantiate it with the engines.
class RandomSequences : public testing::TestWithParam<Engine> {};

}  // namespace loopstate::table
