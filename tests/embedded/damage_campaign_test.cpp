// Random damage of a store's file. LOOPSTATE_DAMAGE_SEEDS says how many files are damaged (60; the full run
// takes some thousands); a failing one prints its seed, which LOOPSTATE_TEST_SEED repeats.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "embedded/child.hpp"
#include "embedded/damage_store.hpp"
#include "embedded/fixture.hpp"
#include "embedded/seed.hpp"

namespace loopstate::embedded {
namespace {

constexpr std::size_t kSector = 512;

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Where the pages of each kind begin: of one kind there are many, of another just one.
std::map<std::uint16_t, std::vector<std::size_t>> pages_by_kind(const std::string& file) {
  std::map<std::uint16_t, std::vector<std::size_t>> out;
  for (std::size_t at = 0; at + kPage <= file.size(); at += kPage) {
    std::uint16_t flags = 0;
    std::memcpy(&flags, file.data() + at + 10, sizeof flags);
    out[flags].push_back(at);
  }
  return out;
}

class Damager {
 public:
  Damager(const std::string& file, std::uint64_t seed) : file_(file), random_(seed) {}

  /// Returns what it did.
  std::string run(std::string& file) {
    file = file_;
    const auto kinds = pages_by_kind(file_);
    const auto kind = std::next(kinds.begin(), static_cast<std::ptrdiff_t>(below(kinds.size())));
    const std::size_t page = kind->second[below(kind->second.size())];
    const std::string where = fmt::format("page {} (flags {:#x})", page / kPage, kind->first);
    switch (below(6)) {
      case 0: {
        const std::size_t at = page + below(kPage);
        file[at] = static_cast<char>(file[at] ^ (1 << below(8)));
        return fmt::format("a bit at {} of {}", at % kPage, where);
      }
      case 1:
        return spoil(file, page + below(40), 1, where);  // its header, and where its entries are
      case 2:
        return spoil(file, page + below(kPage - 16), 16, where);
      case 3:
        return spoil(file, page + below(kPage / kSector) * kSector, kSector, where);
      case 4:
        file.replace(page, kPage, file_, below(file_.size() / kPage) * kPage, kPage);
        return "another page in place of " + where;
      default:
        file.resize(page + below(2) * below(kPage));
        return fmt::format("cut off at {}", file.size());
    }
  }

 private:
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

  /// Zeros or random bytes.
  std::string spoil(std::string& file, std::size_t at, std::size_t bytes, const std::string& where) {
    const bool zeros = bytes > 1 && below(2) == 0;
    for (std::size_t i = at; i < at + bytes && i < file.size(); ++i)
      file[i] = zeros ? '\0' : static_cast<char>(below(256));
    return fmt::format("{} bytes at {} of {} made {}", bytes, at % kPage, where,
                       zeros ? "zeros" : "anything");
  }

  const std::string& file_;
  std::mt19937_64 random_;
};

/// What the child says about its probe.
damage_store::Verdict verdict_in(const std::string& line) {
  damage_store::Verdict out;
  std::istringstream in(line);
  in >> out.wrong >> out.missing >> out.errors >> out.written >> out.trouble;
  std::getline(in, out.first);
  return out;
}

TEST(DamageCampaign, NoSignalEndsAProcessNothingWrongIsAnsweredAndTheCheckFindsWhatIsLost) {
  const Folder folder;
  damage_store::make(folder.file("sound"));
  const std::string sound = read_bytes(folder.file("sound"));
  const int files = test_count("LOOPSTATE_DAMAGE_SEEDS", 60);
  const std::uint64_t first = test_seed();
  std::uint64_t refused = 0, written = 0;
  for (int i = 0; i < files && !testing::Test::HasFailure(); ++i) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
    std::string damaged;
    const std::string what = Damager(sound, seed).run(damaged);
    SCOPED_TRACE(fmt::format("LOOPSTATE_TEST_SEED={} LOOPSTATE_DAMAGE_SEEDS=1: {}", seed, what));
    write_bytes(folder.file("damaged"), damaged);
    std::filesystem::remove(folder.file("damaged-lock"));
    Child child({"probe", folder.file("damaged")});
    ASSERT_EQ(child.wait(), 0) << "the process did not end by itself";
    const auto verdict = verdict_in(child.output());
    EXPECT_EQ(verdict.wrong, 0u) << verdict.first;
    EXPECT_TRUE(verdict.trouble || verdict.missing + verdict.errors == 0)
        << "the check found nothing; missing " << verdict.missing << ", errors " << verdict.errors << ": "
        << verdict.first;
    ++(verdict.written == 0 ? refused : written);
  }
  RecordProperty("refused", std::to_string(refused));
  RecordProperty("written", std::to_string(written));
}

TEST(DamageCampaign, ASoundFileIsReadWrittenAndFoundToBeWell) {
  const Folder folder;
  damage_store::make(folder.file("sound"));
  Child child({"probe", folder.file("sound")});
  ASSERT_EQ(child.wait(), 0);
  const auto verdict = verdict_in(child.output());
  EXPECT_EQ(verdict.wrong + verdict.missing + verdict.errors, 0u) << verdict.first;
  EXPECT_FALSE(verdict.trouble);
  EXPECT_EQ(verdict.written, 3 * damage_store::items().size() / 2);
}

}  // namespace
}  // namespace loopstate::embedded
