// The DAX server of the tests (tests/dax/server), and a test's own cluster on it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loopstate::dax {

/// What the server accepts.
inline constexpr std::string_view kTestKeyId = "AKIDEXAMPLE";
inline constexpr std::string_view kTestSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// "dax://127.0.0.1:PORT", of the cluster that all tests share, with one node: from
/// LOOPSTATE_TEST_DAX_ENDPOINT, or from the file that tools/dax-server wrote for ctest. Empty if there is
/// none.
std::string server_endpoint();

/// A cluster with its own caches, counts and faults, in front of the DynamoDB that all tests share. It ends
/// with this object. Blocks; for one thread at a time. Throws std::runtime_error if the server refuses.
///
/// Commands and faults: tests/dax/server/control.py and faults.py. If those take more than a name, `more`
/// has further members of their JSON object: R"("call":"putItem","after":true)".
class TestCluster {
 public:
  explicit TestCluster(int nodes = 1, std::string_view more = "");

  /// "dax://127.0.0.1:PORT", "dax://[::1]:PORT", "daxs://HOST:PORT".
  std::string endpoint(std::size_t node = 0) const;
  std::string ipv6_endpoint(std::size_t node = 0) const;
  std::string tls_endpoint(std::size_t node = 0, std::string_view host = "127.0.0.1") const;
  std::uint16_t port(std::size_t node = 0) const { return nodes_.at(node).port; }
  /// The file with the certificate that signed those of the nodes.
  const std::string& authority() const { return authority_; }

  /// The reply, in JSON.
  std::string tell(std::string_view command, std::string_view more = "");
  /// The fault's number, for await_fault and release.
  int fault(std::string_view kind, std::string_view more = "");
  /// Waits until it has met this many calls.
  void await_fault(int fault, int hits = 1);
  void release(int fault);
  /// Waits until this many of them have arrived, on all nodes together.
  void await_calls(std::string_view call, int count);

  /// A number from counts.py: count("calls", "getItem"), count("dynamodb", "GetItem"), count("hits", "item");
  /// on all nodes together, or on one.
  std::uint64_t count(std::string_view what, std::string_view name);
  std::uint64_t count_on(std::size_t node, std::string_view what, std::string_view name);
  /// The total for `what`.
  std::uint64_t count(std::string_view what);
  void reset_counts() { tell("reset"); }
  /// How many connections are open.
  std::uint64_t open_connections();
  /// What the server found wrong with its clients, one line each; empty if all is well.
  std::string complaints();

 private:
  struct Ports {
    std::uint16_t port = 0, ipv6 = 0, tls = 0;
  };

  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_{context_};
  std::string buffer_;
  std::vector<Ports> nodes_;
  std::string authority_;
};

}  // namespace loopstate::dax
