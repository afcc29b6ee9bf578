// The functions of loopstate.h.
#include <exception>
#include <new>
#include <string>

#include "base/try.hpp"
#include "c/call.hpp"
#include "c/open_from_json.hpp"
#include "c/replies.hpp"
#include "catalogue/catalogue.hpp"
#include "loopstate.h"

struct loopstate_answer {
  bool ok = false;
  std::string json;
  std::vector<std::string> buffers;
};

namespace loopstate::c {
namespace {

/// Made in advance, since there is no memory then. Never freed.
loopstate_answer* out_of_memory() {
  static loopstate_answer answer{
      false, error_json(Error{ErrorCode::Unavailable, "there is no memory left", true, nullptr}), {}};
  return &answer;
}

loopstate_answer* answer_of(Result<Reply> reply) {
  if (reply) return new loopstate_answer{true, std::move(reply->json), std::move(reply->buffers)};
  return new loopstate_answer{false, error_json(reply.error()), {}};
}

std::unexpected<Error> thrown(std::string_view what) {
  return fail(ErrorCode::Internal, "an exception escaped a call: " + std::string(what));
}

template <typename Work>
loopstate_answer* answer_to(Work work) {
  try {
    static_cast<void>(out_of_memory());
    try {
      return answer_of(work());
    } catch (const std::bad_alloc&) {
      return out_of_memory();
    } catch (const std::exception& exception) {
      return answer_of(thrown(exception.what()));
    } catch (...) {
      return answer_of(thrown("of an unknown type"));
    }
  } catch (...) {
    return out_of_memory();
  }
}

/// InvalidArgument: null with a size.
Result<std::string_view> text_of(const char* what, loopstate_bytes bytes) {
  if (bytes.size == 0) return "{}";
  if (bytes.data == nullptr)
    return fail(ErrorCode::InvalidArgument, std::string(what) + " is a null pointer");
  return std::string_view(static_cast<const char*>(bytes.data), bytes.size);
}

Result<std::span<const loopstate_bytes>> buffers_of(const loopstate_bytes* buffers, std::size_t count) {
  const auto null = [] { return fail(ErrorCode::InvalidArgument, "buffers has a null pointer"); };
  if (count == 0) return std::span<const loopstate_bytes>();
  if (buffers == nullptr) return null();
  const std::span all(buffers, count);
  for (const auto& one : all) {
    if (one.data == nullptr && one.size != 0) return null();
  }
  return all;
}

Result<Reply> make_call(std::uint64_t handle, const char* name, loopstate_bytes json,
                        const loopstate_bytes* buffers, std::size_t count) {
  TRY(const auto use, InUse::begin(handle));
  if (name == nullptr) return fail(ErrorCode::InvalidArgument, "name is a null pointer");
  const auto* call = find_call(name);
  if (call == nullptr) return no_such_call(name);
  TRY(const auto text, text_of("json", json));
  TRY(const auto given, buffers_of(buffers, count));
  TRY(auto params, Params::parse(text));
  Input input(std::move(params), given);
  return call->run(*use, input);
}

}  // namespace
}  // namespace loopstate::c

// NOLINTBEGIN(readability-identifier-naming): these are C's names
extern "C" {

const char* loopstate_version(void) {
  return LOOPSTATE_VERSION;
}

uint32_t loopstate_interface(void) {
  return LOOPSTATE_INTERFACE;
}

loopstate_bytes loopstate_catalogue(void) {
  const auto json = loopstate::catalogue::json();
  return {json.data(), json.size()};
}

loopstate_answer* loopstate_open(loopstate_bytes settings, loopstate_store* store) {
  if (store != nullptr) *store = 0;
  return loopstate::c::answer_to([&]() -> loopstate::Result<loopstate::c::Reply> {
    if (store == nullptr) {
      return loopstate::fail(loopstate::ErrorCode::InvalidArgument, "store is a null pointer");
    }
    TRY(const auto text, loopstate::c::text_of("settings", settings));
    static_cast<void>(loopstate::c::all_calls());  // made once: see store/rules/begin_once.hpp
    TRY(auto opened, loopstate::c::open_from_json(text));
    TRY(*store, loopstate::c::give_handle(std::move(opened)));
    return loopstate::c::Reply{};
  });
}

loopstate_answer* loopstate_call(loopstate_store store, const char* name, loopstate_bytes json,
                                 const loopstate_bytes* buffers, size_t buffer_count) {
  return loopstate::c::answer_to(
      [&] { return loopstate::c::make_call(store, name, json, buffers, buffer_count); });
}

loopstate_answer* loopstate_close(loopstate_store store) {
  return loopstate::c::answer_to([&]() -> loopstate::Result<loopstate::c::Reply> {
    TRY_OK(loopstate::c::close_handle(store));
    return loopstate::c::Reply{};
  });
}

int loopstate_ok(const loopstate_answer* answer) {
  return answer->ok ? 1 : 0;
}

loopstate_bytes loopstate_json(const loopstate_answer* answer) {
  return {answer->json.data(), answer->json.size()};
}

size_t loopstate_buffer_count(const loopstate_answer* answer) {
  return answer->buffers.size();
}

loopstate_bytes loopstate_buffer(const loopstate_answer* answer, size_t index) {
  if (index >= answer->buffers.size()) return {nullptr, 0};
  return {answer->buffers[index].data(), answer->buffers[index].size()};
}

void loopstate_free(loopstate_answer* answer) {
  if (answer != nullptr && answer != loopstate::c::out_of_memory()) delete answer;
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
