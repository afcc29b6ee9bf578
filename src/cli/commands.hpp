// Every command of the program, one function per group.
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace loopstate::cli {

std::vector<Command> store_commands();  // init, doctor
std::vector<Command> context_commands();
std::vector<Command> memory_commands();
std::vector<Command> card_commands();
std::vector<Command> txn_commands();
std::vector<Command> session_commands();
std::vector<Command> capture_commands();
std::vector<Command> location_commands();
std::vector<Command> doc_commands();
std::vector<Command> user_commands();     // snapshot
std::vector<Command> listing_commands();  // user list, txn list, memory list
std::vector<Command> story_commands();    // txn show
std::vector<Command> erase_commands();
std::vector<Command> transfer_commands();  // export, import, copy
std::vector<Command> backup_commands();    // backup, restore
std::vector<Command> check_commands();
std::vector<Command> agent_commands();
std::vector<Command> top_commands();
std::vector<Command> fingerprint_commands();  // card fingerprint
std::vector<Command> pepper_commands();
std::vector<Command> bench_commands();
std::vector<Command> completion_commands();
std::vector<Command> man_commands();
std::vector<Command> help_commands();

/// In the order in which the help shows them. Made once.
const std::vector<Command>& all_commands();
const std::vector<Group>& all_groups();

}  // namespace loopstate::cli
