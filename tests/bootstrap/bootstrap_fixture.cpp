#include "bootstrap/bootstrap_fixture.hpp"

#include <fmt/chrono.h>

#include <cstdlib>
#include <filesystem>

#include "crypto/base64.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate::function {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

ChildProcess start(const std::vector<std::string>& command,
                   const std::map<std::string, std::string>& environment, const std::string& log_file) {
  return {command.front(), environment, log_file, {command.begin() + 1, command.end()}};
}

}  // namespace

std::vector<std::string> bootstrap_command() {
  std::vector<std::string> command;
  if (auto emulator = variable("LOOPSTATE_BOOTSTRAP_EMULATOR"); !emulator.empty())
    command.push_back(emulator);
  const auto program = variable("LOOPSTATE_BOOTSTRAP");
  command.push_back(program.empty() ? built_program("bootstrap") : program);
  return command;
}

ChildProcess start_bootstrap(const std::map<std::string, std::string>& environment,
                             const std::string& log_file) {
  return start(bootstrap_command(), environment, log_file);
}

ChildProcess start_bootstrap_in(const std::string& root, const std::string& folder,
                                const std::map<std::string, std::string>& environment,
                                const std::string& log_file) {
  std::vector<std::string> command = {"/usr/sbin/chroot", root};
  for (const std::filesystem::path file : bootstrap_command()) {
    const auto there = "/" / std::filesystem::path(folder) / file.filename();
    std::filesystem::copy_file(file, root + there.string(),
                               std::filesystem::copy_options::overwrite_existing);
    command.push_back(there.string());
  }
  return start(command, environment, log_file);
}

std::map<std::string, std::string> function_environment(const std::string& table,
                                                        const std::string& endpoint) {
  // A server may keep separate tables for each access key and region.
  return {{"LOOPSTATE_URL", "dynamodb:" + table},
          {"AWS_ENDPOINT_URL_DYNAMODB", endpoint},
          {"AWS_REGION", "us-east-1"},
          {"AWS_ACCESS_KEY_ID", "local"},
          {"AWS_SECRET_ACCESS_KEY", "test"},
          {"AWS_LAMBDA_FUNCTION_NAME", "hooks"},
          {"SQUARE_WEBHOOK_SIGNATURE_KEY", std::string(agent::kSquareKey)},
          {"SQUARE_WEBHOOK_URL", std::string(agent::kSquareUrl)},
          {"STRIPE_WEBHOOK_SECRET", std::string(agent::kStripeSecret)},
          {"FIDEL_WEBHOOK_SECRET_CLEARING", "fidel-clearing"},
          {"FIDEL_WEBHOOK_SECRET_CARD_LINKED", "fidel-card-linked"},
          {"FIDEL_WEBHOOK_URL", std::string(agent::kFidelUrl)},
          {"LOOPSTATE_PEPPER", crypto::base64_encode(agent::kPepper)}};
}

Timestamp machine_time() {
  return system_clock().now();
}

std::string rfc3339(Timestamp time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.000Z", fmt::gmtime(unix_seconds(time)));
}

FunctionTable::FunctionTable() {
  dynamodb::TableSettings settings;
  settings.table = name_;
  table_ = dynamodb::open_on_server(endpoint_, std::move(settings)).table;
  table::Call call;
  call.now = machine_time();
  call.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto made = runner_.run(table_->initialise(call));
  EXPECT_TRUE(made) << made.error().message;
}

void FunctionTable::link(std::string_view card_id, std::string_view user) {
  auto store = store::store_over(table_);
  const auto linked = runner_.run(store.link(agent::fingerprint_of(card_id), *UserId::parse(user), "4242"));
  EXPECT_TRUE(linked) << linked.error().message;
}

Snapshot FunctionTable::snapshot(std::string_view user) {
  auto store = store::store_over(table_);
  auto found = runner_.run(store.snapshot(*UserId::parse(user)));
  EXPECT_TRUE(found) << found.error().message;
  return found ? std::move(*found) : Snapshot{};
}

std::string fresh_square_payment(std::string_view id, std::string_view card) {
  agent::SquarePayment payment;
  payment.id = id;
  payment.card = card;
  payment.created_at = rfc3339(machine_time() - 60s);
  return agent::square_payment(payment);
}

std::string square_event(std::string_view fixture, const std::string& body) {
  const auto signature = webhook::square_signature(agent::kSquareKey, agent::kSquareUrl, body);
  if (fixture == "function-url") {
    return event(fixture, {{"@SIGNATURE@", signature}, {"@BODY_BASE64@", crypto::base64_encode(body)}});
  }
  return event(fixture, {{"@SIGNATURE@", signature}, {"@BODY@", body}});
}

}  // namespace loopstate::function
