// Opens the store of each URL and says what came of it.
#include <iostream>
#include <loopstate/open.hpp>
#include <utility>

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    loopstate::Settings settings;
    settings.url = argv[i];
    const auto store = loopstate::open(settings);
    if (store) {
      std::cout << "opened\n";
    } else {
      std::cout << to_string(store.error().code) << ": " << store.error().message << '\n';
    }
  }
}
