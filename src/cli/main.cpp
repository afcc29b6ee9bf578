#include <csignal>
#include <exception>

#include "cli/output.hpp"
#include "cli/parser.hpp"
#include "cli/program.hpp"

namespace {

using namespace loopstate;
using namespace loopstate::cli;

ExitStatus run(int argc, const char* const* argv) {
  const bool json = asks_for_json(argc, argv);
  auto parsed = parse_command_line(argc, argv);
  if (!parsed) return print(std::unexpected(std::move(parsed.error())), json);
  if (const auto* answered = std::get_if<CommandOutput>(&*parsed)) return print(*answered, json);
  const auto& call = std::get<Parsed>(*parsed);
  Program program(call.global);
  return print(call.command->run(program, call.arguments), json);
}

}  // namespace

int main(int argc, char** argv) {
  // If the reader is gone the write fails, which is reported; a signal would end the program without a
  // word.
  std::signal(SIGPIPE, SIG_IGN);
  // The same for a limit on a file's size, including a log's.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return static_cast<int>(run(argc, argv));
  } catch (const std::exception& defect) {
    return static_cast<int>(
        print(fail(ErrorCode::Internal, std::string("a defect in loopstate: ") + defect.what()),
              asks_for_json(argc, argv)));
  }
}
