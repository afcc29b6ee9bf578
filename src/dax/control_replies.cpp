// Replies to control calls: the cluster's nodes, a table's keys, lists of names.
#include <fmt/format.h>

#include "dax/cbor_reader.hpp"
#include "dax/replies.hpp"
#include "dax/reply_reader.hpp"

namespace loopstate::dax {
namespace {

/// What an endpoint's map has under its keys.
enum class EndpointField : std::uint64_t { Node, Host, Address, Port, Role, Zone, LeaderSession };

constexpr std::int64_t kLeader = 1;

bool read_string(cbor::Reader& reader, std::string& out) {
  std::string_view text;
  if (!read_optional_text(reader, text)) return false;
  out = text;
  return true;
}

bool read_endpoint(cbor::Reader& reader, Endpoint& endpoint) {
  std::uint64_t port = 0;
  const bool read = read_numbered(reader, [&](std::uint64_t field) {
    std::string_view bytes;
    std::int64_t role = 0;
    switch (EndpointField{field}) {
      case EndpointField::Node:
        return reader.read_int64(endpoint.node);
      case EndpointField::Host:
        return read_string(reader, endpoint.host);
      case EndpointField::Address:
        if (!reader.read_bytes(bytes)) return false;
        endpoint.address = bytes;
        return true;
      case EndpointField::Port:
        return reader.read_unsigned(port);
      case EndpointField::Role:
        if (!reader.read_int64(role)) return false;
        endpoint.role = role == kLeader ? Endpoint::Role::Leader : Endpoint::Role::Replica;
        return true;
      case EndpointField::Zone:
        return read_string(reader, endpoint.zone);
      case EndpointField::LeaderSession:
        return reader.read_int64(endpoint.leader_session);
    }
    return reader.skip();
  });
  if (!read) return false;
  if (endpoint.address.size() != 4 && endpoint.address.size() != 16) {
    return reader.refuse(fmt::format("a node with an address of {} bytes", endpoint.address.size()));
  }
  if (port == 0 || port > UINT16_MAX) return reader.refuse(fmt::format("a node with port {}", port));
  endpoint.port = static_cast<std::uint16_t>(port);
  return true;
}

}  // namespace

Result<std::vector<Endpoint>> read_endpoints(std::string_view values) {
  cbor::Reader reader(values);
  std::vector<Endpoint> out;
  read_array(reader, [&] {
    if (out.size() == kEndpointsMax) return reader.refuse("more nodes than a cluster has");
    return read_endpoint(reader, out.emplace_back());
  });
  if (!reader.finish()) return not_understood(reader.problem());
  if (out.empty()) return not_understood("a cluster without a node");
  return out;
}

Result<KeySchema> read_key_schema(std::string_view values) {
  cbor::Reader reader(values);
  KeySchema out;
  read_named(reader, [&](std::string_view name) {
    std::string_view type;
    if (!reader.read_text(type)) return false;
    if (out.attributes.size() == 2) return reader.refuse("more than two key attributes");
    out.attributes.emplace_back(name, type);
    return true;
  });
  if (!reader.finish()) return not_understood(reader.problem());
  return out;
}

Result<ListId> read_list_id(std::string_view values) {
  cbor::Reader reader(values);
  std::uint64_t id = 0;
  reader.read_unsigned(id);
  if (!reader.finish()) return not_understood(reader.problem());
  if (ListId{id} == kEmptyList)
    return not_understood("the number of the list of no names, for one that has some");
  return ListId{id};
}

Result<AttributeNames> read_list_names(std::string_view values) {
  cbor::Reader reader(values);
  AttributeNames out;
  read_array(reader, [&] { return read_string(reader, out.emplace_back()); });
  if (!reader.finish()) return not_understood(reader.problem());
  return out;
}

}  // namespace loopstate::dax
