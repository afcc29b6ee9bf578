// Opens the store of each URL and prints the result.
#include <iostream>
#include <loopstate/loopstate.hpp>

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const auto store = loopstate::Store::open(argv[i]);
    if (store) {
      std::cout << "opened\n";
    } else {
      std::cout << to_string(store.error().code) << ": " << store.error().message << '\n';
    }
  }
}
