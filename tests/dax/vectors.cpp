#include "dax/vectors.hpp"

#include <fstream>
#include <iterator>

namespace loopstate::dax {

std::vector<json::View> vectors(std::string_view list) {
  static const std::string kText = [] {
    std::ifstream file(LOOPSTATE_FIXTURES "/../dax/dax-vectors.json");
    return std::string{std::istreambuf_iterator<char>(file), {}};
  }();
  json::Reader reader(kText);
  const auto found = json::View(reader.skip()).find(list);
  return found ? found->elements() : std::vector<json::View>();
}

}  // namespace loopstate::dax
