#include "dax/test_cluster.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "json/view.hpp"

namespace loopstate::dax {

namespace {

constexpr std::string_view kScheme = "dax://127.0.0.1:";

std::uint64_t number_in(const json::View& object, std::string_view name) {
  const auto found = object.find(name);
  return found ? found->unsigned_integer().value_or(0) : 0;
}

}  // namespace

std::string server_endpoint() {
  if (const char* set = std::getenv("LOOPSTATE_TEST_DAX_ENDPOINT")) return set;
  std::ifstream file(LOOPSTATE_DAX_SERVER_FILE);
  std::string pid, port;
  if (!(file >> pid >> port)) return "";
  return std::string(kScheme) + port;
}

TestCluster::TestCluster(int nodes, std::string_view more) {
  const std::string known = server_endpoint();
  if (!known.starts_with(kScheme))
    throw std::runtime_error("no DAX server; run by ctest, or tools/dax-server run");
  const int port = std::stoi(known.substr(kScheme.size()));
  socket_.connect({boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
  const std::string made =
      tell("cluster", fmt::format(R"("nodes":{}{}{})", nodes, more.empty() ? "" : ",", more));
  const json::View reply(made);
  for (const json::View& node : reply.find("nodes")->elements()) {
    const auto of = [&](std::string_view name) { return static_cast<std::uint16_t>(number_in(node, name)); };
    nodes_.push_back({of("port"), of("port_ipv6"), of("tls_port")});
  }
  authority_ = json::string_member(reply, "authority").value();
}

std::string TestCluster::endpoint(std::size_t node) const {
  return fmt::format("dax://127.0.0.1:{}", nodes_.at(node).port);
}

std::string TestCluster::ipv6_endpoint(std::size_t node) const {
  return fmt::format("dax://[::1]:{}", nodes_.at(node).ipv6);
}

std::string TestCluster::tls_endpoint(std::size_t node, std::string_view host) const {
  return fmt::format("daxs://{}:{}", host, nodes_.at(node).tls);
}

std::string TestCluster::tell(std::string_view command, std::string_view more) {
  const std::string line = fmt::format(R"({{"do":"{}"{}{}}})", command, more.empty() ? "" : ",", more) + "\n";
  boost::asio::write(socket_, boost::asio::buffer(line));
  const std::size_t size = boost::asio::read_until(socket_, boost::asio::dynamic_buffer(buffer_), '\n');
  std::string reply = buffer_.substr(0, size - 1);
  buffer_.erase(0, size);
  const auto ok = json::View(reply).find("ok");
  if (!ok || !ok->boolean().value_or(false)) throw std::runtime_error("the DAX test server: " + reply);
  return reply;
}

int TestCluster::fault(std::string_view kind, std::string_view more) {
  const std::string reply =
      tell("fault", fmt::format(R"("kind":"{}"{}{})", kind, more.empty() ? "" : ",", more));
  return static_cast<int>(number_in(json::View(reply), "fault"));
}

void TestCluster::await_fault(int fault, int hits) {
  tell("await", fmt::format(R"("fault":{},"hits":{})", fault, hits));
}

void TestCluster::release(int fault) {
  tell("release", fmt::format(R"("fault":{})", fault));
}

void TestCluster::await_calls(std::string_view call, int count) {
  tell("await", fmt::format(R"("calls":{{"{}":{}}})", call, count));
}

std::uint64_t TestCluster::count(std::string_view what, std::string_view name) {
  const std::string reply = tell("counts");
  const auto found = json::View(reply).find({"total", what});
  return found ? number_in(*found, name) : 0;
}

std::uint64_t TestCluster::count_on(std::size_t node, std::string_view what, std::string_view name) {
  const std::string reply = tell("counts");
  const auto found = json::View(reply).find("nodes")->elements().at(node).find(what);
  return found ? number_in(*found, name) : 0;
}

std::uint64_t TestCluster::count(std::string_view what) {
  const std::string reply = tell("counts");
  const auto found = json::View(reply).find({"total", what});
  if (!found) return 0;
  if (const auto number = found->unsigned_integer()) return *number;
  std::uint64_t sum = 0;
  for (const auto& [name, value] : found->members()) sum += value.unsigned_integer().value_or(0);
  return sum;
}

std::uint64_t TestCluster::open_connections() {
  const std::string reply = tell("counts");
  return number_in(json::View(reply), "open");
}

std::string TestCluster::complaints() {
  const std::string reply = tell("counts");
  std::string out;
  for (const std::string_view what : {"refusals", "protocol_errors"}) {
    const auto found = json::View(reply).find({"total", what});
    if (!found) continue;
    for (const json::View& line : found->elements()) out += line.string().value_or("") + "\n";
  }
  return out;
}

}  // namespace loopstate::dax
