// The DynamoDB engine, as a store is opened on it.
#include "open/engine.hpp"

#include <utility>

#include "dynamodb/open_dynamodb.hpp"

namespace loopstate::engines {
namespace {

Result<std::shared_ptr<table::Table>> open_service(std::string table, const Settings& settings, OpenMode,
                                                   const Environment& environment) {
  dynamodb::OpenOptions options;
  options.table = std::move(table);
  options.index = settings.fingerprint_index;
  return dynamodb::open_dynamodb(std::move(options), environment);
}

}  // namespace
}  // namespace loopstate::engines

extern "C" {
extern const loopstate::engines::Engine loopstate_engine_dynamodb;
const loopstate::engines::Engine loopstate_engine_dynamodb = {loopstate::engines::open_service, nullptr,
                                                              nullptr, nullptr};
}
