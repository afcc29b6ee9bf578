#include "embedded/digest.hpp"

namespace loopstate::embedded {
namespace {

void put(std::string& out, std::uint64_t number) {
  for (unsigned shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(number >> shift));
}

std::uint64_t take(std::string_view bytes) {
  std::uint64_t out = 0;
  for (unsigned i = 0; i < 8; ++i) out |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return out;
}

}  // namespace

std::string Digest::encode() const {
  std::string out;
  put(out, items);
  put(out, sum);
  return out;
}

std::optional<Digest> Digest::decode(std::string_view record) {
  if (record.size() != 16) return std::nullopt;
  return Digest{take(record), take(record.substr(8))};
}

}  // namespace loopstate::embedded
