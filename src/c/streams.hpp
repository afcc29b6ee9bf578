// Readers and writers of documents that are open in a store, by number.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

#include "loopstate/document_stream.hpp"
#include "loopstate/error.hpp"

namespace loopstate::c {

struct Stream {
  std::variant<DocumentReader, DocumentWriter> ends;
  std::atomic<bool> busy{false};
};

inline constexpr std::size_t kMaxStreams = 1000;

/// May be used from several threads; each stream by one call at a time.
class Streams {
 public:
  /// One call's use of a stream.
  class Use {
   public:
    explicit Use(std::shared_ptr<Stream> stream) noexcept : stream_(std::move(stream)) {}
    Use(Use&&) = default;
    Use& operator=(Use&&) = delete;
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      if (stream_) stream_->busy = false;
    }
    DocumentReader& reader() { return std::get<DocumentReader>(stream_->ends); }
    DocumentWriter& writer() { return std::get<DocumentWriter>(stream_->ends); }

   private:
    std::shared_ptr<Stream> stream_;
  };

  /// Unavailable: kMaxStreams are open.
  Result<std::uint64_t> add(DocumentReader reader);
  Result<std::uint64_t> add(DocumentWriter writer);
  /// InvalidArgument: there is none of this number, or another call uses it.
  Result<Use> reader(std::uint64_t number);
  Result<Use> writer(std::uint64_t number);
  /// Whether one of this number, of either kind, was ended before.
  bool has_ended(std::uint64_t number) const;
  void remove(std::uint64_t number);

  /// Forgets all of them, and abandons the writers for as long as `within` allows. No call may be in
  /// progress.
  void end_all(std::chrono::milliseconds within);

 private:
  template <typename End>
  Result<std::uint64_t> add_any(End end);
  template <typename End>
  Result<Use> use(std::uint64_t number, std::string_view what);

  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::shared_ptr<Stream>> open_;
};

}  // namespace loopstate::c
