#include "cli/commands.hpp"

#include <iterator>
#include <utility>

namespace loopstate::cli {
namespace {

std::vector<Command> collect() {
  std::vector<Command> all;
  for (auto group :
       {store_commands,  context_commands,    memory_commands,  card_commands,     fingerprint_commands,
        txn_commands,    session_commands,    capture_commands, location_commands, doc_commands,
        user_commands,   listing_commands,    story_commands,   erase_commands,    transfer_commands,
        backup_commands, check_commands,      agent_commands,   top_commands,      pepper_commands,
        bench_commands,  completion_commands, man_commands,     help_commands}) {
    auto commands = group();
    all.insert(all.end(), std::make_move_iterator(commands.begin()), std::make_move_iterator(commands.end()));
  }
  return all;
}

}  // namespace

const std::vector<Command>& all_commands() {
  static const std::vector<Command> all = collect();
  return all;
}

const std::vector<Group>& all_groups() {
  static const std::vector<Group> all = {
      {"user", "Who is there"},
      {"context", "What an agent knows about a user: vault, preferences, recent events, memory"},
      {"memory", "One key of the agent's memory about a user"},
      {"card", "Which user a card belongs to"},
      {"txn", "Transactions seen, and claims on work that must happen once"},
      {"session", "What an agent may do on a user's behalf"},
      {"capture", "Purchases whose value is still to be captured"},
      {"pepper", "Replacing the pepper under which cards are linked"},
      {"location", "The merchant whose geofence a user is in"},
      {"doc", "Documents: what is more or larger than a context holds"},
  };
  return all;
}

}  // namespace loopstate::cli
