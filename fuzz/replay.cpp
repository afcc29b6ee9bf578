// Runs a fuzz target over files and folders of files, once each: so a corpus is a test under any compiler.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

bool replay(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return false;
  }
  std::printf("%s\n", path.c_str());
  std::fflush(stdout);  // so that the last line names the input that crashed
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
  return true;
}

}  // namespace

int main(int count, char** words) {
  std::vector<std::filesystem::path> paths;
  for (int i = 1; i < count; ++i) {
    if (!std::filesystem::is_directory(words[i])) {
      paths.emplace_back(words[i]);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(words[i])) paths.push_back(entry.path());
  }
  if (paths.empty()) {
    std::fprintf(stderr, "no input: the corpus is empty\n");
    return 1;
  }
  bool good = true;
  for (const auto& path : paths) good = replay(path) && good;
  return good ? 0 : 1;
}
