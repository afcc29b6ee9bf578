#include "store/documents/session_json.hpp"

#include "store/documents/codec.hpp"

namespace loopstate {

std::string to_json(const Session& session) {
  constexpr std::size_t kTypicalSessionBytes = 512;
  return store::write_document<store::Schema<Session>>(session, kTypicalSessionBytes);
}

Result<Session> session_from_json(std::string_view text) {
  return store::read_document<store::GivenSession, Session>(text);
}

namespace store {

Result<Session> stored_session_from_json(std::string_view text) {
  return read_document<Schema<Session>, Session>(text);
}

}  // namespace store
}  // namespace loopstate
