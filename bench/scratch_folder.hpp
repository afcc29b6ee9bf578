// A folder for one benchmark, on the disk of the current one; removed afterwards.
#pragma once

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include <filesystem>
#include <string>

namespace loopstate::bench {

struct ScratchFolder {
  ScratchFolder() {
    std::string name = (std::filesystem::current_path() / "bench-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::filesystem::path path;
};

}  // namespace loopstate::bench
