// Where the tests find the DynamoDB server: ctest starts one for all of them and stops it after.
#pragma once

#include <memory>
#include <string>

#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/http_sender.hpp"
#include "http/client/client.hpp"

namespace loopstate::dynamodb {

/// From DYNAMODB_SERVER_ENDPOINT, or from the file that tools/dynamodb-server wrote for ctest. Empty if
/// there is none.
std::string server_endpoint();

/// Unlike any other name.
std::string fresh_table_name();

/// An engine over `endpoint`, with its parts.
struct ServerTable {
  std::shared_ptr<http::Client> client;
  std::shared_ptr<DynamoDbTable> table;
};
ServerTable open_on_server(const std::string& endpoint, TableSettings settings,
                           http::ClientSettings client = {});

}  // namespace loopstate::dynamodb
