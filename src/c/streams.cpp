#include "c/streams.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "store/rules/wait.hpp"

namespace loopstate::c {

template <typename End>
Result<std::uint64_t> Streams::add_any(End end) {
  auto stream = std::make_shared<Stream>(std::move(end));
  const std::lock_guard lock(mutex_);
  if (open_.size() >= kMaxStreams) {
    return fail(ErrorCode::Unavailable,
                fmt::format("{} readers and writers are open, which is as many as can be", kMaxStreams));
  }
  open_.emplace(++last_, std::move(stream));
  return last_;
}

Result<std::uint64_t> Streams::add(DocumentReader reader) {
  return add_any(std::move(reader));
}

Result<std::uint64_t> Streams::add(DocumentWriter writer) {
  return add_any(std::move(writer));
}

template <typename End>
Result<Streams::Use> Streams::use(std::uint64_t number, std::string_view what) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(number);
  if (found == open_.end() || !std::holds_alternative<End>(found->second->ends)) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} {} is not open", what, number));
  }
  if (found->second->busy.exchange(true)) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} {} is in use by another call", what, number));
  }
  return Use(found->second);
}

Result<Streams::Use> Streams::reader(std::uint64_t number) {
  return use<DocumentReader>(number, "reader");
}

Result<Streams::Use> Streams::writer(std::uint64_t number) {
  return use<DocumentWriter>(number, "writer");
}

bool Streams::has_ended(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  return number > 0 && number <= last_ && !open_.contains(number);
}

void Streams::remove(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  open_.erase(number);
}

void Streams::end_all(std::chrono::milliseconds within) {
  const auto end = std::chrono::steady_clock::now() + within;
  const auto ending = std::exchange(open_, {});
  for (const auto& [number, stream] : ending) {
    auto* const writer = std::get_if<DocumentWriter>(&stream->ends);
    if (writer == nullptr || std::chrono::steady_clock::now() >= end) continue;
    [[maybe_unused]] const auto tidied = store::wait_for(writer->abandon());
  }
}

}  // namespace loopstate::c
