#include "cli/run_program.hpp"
#include "base/json_text_access.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>

namespace loopstate::cli_test {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// True while there may be more.
bool take(int descriptor, std::string& into) {
  std::array<char, 65'536> buffer;
  const auto count = ::read(descriptor, buffer.data(), buffer.size());
  if (count > 0) into.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

// Feeds and drains at the same time, so that neither side waits for the other.
void exchange(Pipe& in, Pipe& out, Pipe& err, std::string_view input, Ran& ran) {
  while (out.read_end >= 0 || err.read_end >= 0) {
    if (input.empty()) Pipe::close_end(in.write_end);
    std::array<pollfd, 3> waits = {pollfd{out.read_end, POLLIN, 0}, pollfd{err.read_end, POLLIN, 0},
                                   pollfd{in.write_end, POLLOUT, 0}};
    ::poll(waits.data(), waits.size(), -1);
    if (waits[0].revents != 0 && !take(out.read_end, ran.out)) Pipe::close_end(out.read_end);
    if (waits[1].revents != 0 && !take(err.read_end, ran.err)) Pipe::close_end(err.read_end);
    if (waits[2].revents != 0) {
      const auto count = ::write(in.write_end, input.data(), std::min<std::size_t>(input.size(), 4096));
      if (count < 0) {
        Pipe::close_end(in.write_end);
      } else {
        input.remove_prefix(static_cast<std::size_t>(count));
      }
    }
  }
}

}  // namespace

Ran run_program(const Call& call) {
  std::vector<std::string> arguments = {LOOPSTATE_PROGRAM};
  arguments.insert(arguments.end(), call.arguments.begin(), call.arguments.end());
  std::vector<std::string> environment = {"PATH=/usr/bin:/bin"};
  for (const auto& [name, value] : call.environment) environment.push_back(name + "=" + value);
  Pipe in, out, err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read_end, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write_end, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.write_end, STDERR_FILENO);
  Ran ran;
  pid_t pid = 0;
  const int problem = ::posix_spawn(&pid, LOOPSTATE_PROGRAM, &actions, nullptr, pointers(arguments).data(),
                                    pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) {
    ADD_FAILURE() << "cannot start " << LOOPSTATE_PROGRAM;
    return ran;
  }
  Pipe::close_end(in.read_end);
  Pipe::close_end(out.write_end);
  Pipe::close_end(err.write_end);
  ::signal(SIGPIPE, SIG_IGN);
  exchange(in, out, err, call.input, ran);
  int status = 0;
  ::waitpid(pid, &status, 0);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

std::string Document::string(std::initializer_list<std::string_view> path) const {
  const auto found = view().find(path);
  return found ? found->string().value_or("not a string") : "not there";
}

std::int64_t Document::number(std::initializer_list<std::string_view> path) const {
  const auto found = view().find(path);
  return found ? found->signed_integer().value_or(-1) : -2;
}

bool Document::boolean(std::initializer_list<std::string_view> path) const {
  const auto found = view().find(path);
  EXPECT_TRUE(found && found->boolean()) << "no boolean in " << text.text();
  return found && found->boolean().value_or(false);
}

Document Document::at(std::size_t index) const {
  const auto elements = view().elements();
  if (index >= elements.size()) {
    ADD_FAILURE() << "no element " << index << " in " << text.text();
    return {};
  }
  return {trusted_json(std::string(elements[index].text()))};
}

Document Document::member(std::string_view name) const {
  const auto found = view().find(name);
  if (!found) {
    ADD_FAILURE() << "no member " << name << " in " << text.text();
    return {};
  }
  return {trusted_json(std::string(found->text()))};
}

CliTest::CliTest() {
  auto pattern = (std::filesystem::temp_directory_path() / "loopstate-cli-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  folder_ = pattern;
}

CliTest::~CliTest() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string CliTest::write_file(std::string_view name, std::string_view content) const {
  const auto file = path(name);
  std::ofstream(file, std::ios::binary) << content;
  return file.string();
}

Ran CliTest::text(std::vector<std::string> arguments, std::string input) const {
  return run_program({std::move(arguments), std::move(input), {{"LOOPSTATE_URL", url()}}});
}

Document CliTest::json(int status, std::vector<std::string> arguments, std::string input) const {
  arguments.insert(arguments.begin(), "--json");
  std::string line = "loopstate";
  for (const auto& argument : arguments) line += " " + argument;
  const auto ran = run_program({std::move(arguments), std::move(input), {{"LOOPSTATE_URL", url()}}});
  EXPECT_EQ(ran.status, status) << line << "\n" << ran.out << ran.err;
  EXPECT_EQ(ran.err, "") << line;
  auto document = JsonText::parse(ran.out);
  if (!document) {
    ADD_FAILURE() << line << ": no JSON document: " << ran.out;
    return {};
  }
  return {std::move(*document)};
}

void CliTest::fails(int status, std::string_view code, std::vector<std::string> arguments,
                    std::string input) const {
  const auto as_json = json(status, arguments, input);
  EXPECT_EQ(as_json.string({"error", "code"}), code) << as_json.text.text();
  EXPECT_GT(as_json.string({"error", "message"}).size(), 10u);
  as_json.boolean({"error", "retryable"});
  const auto as_text = text(std::move(arguments), std::move(input));
  EXPECT_EQ(as_text.status, status);
  EXPECT_EQ(as_text.out, "") << "an error belongs on standard error";
  EXPECT_TRUE(as_text.err.starts_with("loopstate: ")) << as_text.err;
}

}  // namespace loopstate::cli_test
