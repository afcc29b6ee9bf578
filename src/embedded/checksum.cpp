#include "embedded/checksum.hpp"

#include <bit>
#include <cstring>

#include "embedded/xxh3.hpp"

namespace loopstate::embedded {
namespace {

std::uint64_t in_little_endian(std::uint64_t number) {
  if constexpr (std::endian::native == std::endian::big) return std::byteswap(number);
  return number;
}

}  // namespace

std::uint64_t checksum_of(std::string_view key, std::string_view bytes) {
  return xxh3::hash(key.data(), key.size(), xxh3::hash(bytes.data(), bytes.size()));
}

std::string encode_record(std::string_view key, const table::Attributes& attributes) {
  std::string out = encode(attributes, kChecksumBytes);
  const auto checksum = in_little_endian(checksum_of(key, std::string_view(out).substr(kChecksumBytes)));
  std::memcpy(out.data(), &checksum, sizeof checksum);
  return out;
}

std::uint64_t checksum_in(std::string_view record) {
  if (record.size() < kChecksumBytes) return 0;
  std::uint64_t out = 0;
  std::memcpy(&out, record.data(), sizeof out);
  return in_little_endian(out);
}

const char* fault_of_record(std::string_view key, std::string_view record) {
  if (record.size() < kChecksumBytes) return "it is cut off";
  const bool right = checksum_in(record) == checksum_of(key, record.substr(kChecksumBytes));
  return right ? nullptr : "its bytes are not those that were written, as its checksum shows";
}

std::expected<table::Attributes, DecodeFault> decode_record(std::string_view key, std::string_view record) {
  if (const char* fault = fault_of_record(key, record)) return std::unexpected(DecodeFault{0, fault});
  auto out = decode(record.substr(kChecksumBytes));
  if (!out) out.error().at += kChecksumBytes;
  return out;
}

}  // namespace loopstate::embedded
