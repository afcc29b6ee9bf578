// What a call through libloopstate.so costs beside the same call of BlockingStore: the JSON of its parameters
// and its answer, the call by name, the shared library.
//
//   build-bench/c_interface_bench --benchmark_filter=Lookup
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "loopstate.h"
#include "loopstate/blocking.hpp"
#include "loopstate/documents.hpp"
#include "scratch_folder.hpp"

namespace loopstate {
namespace {

class InCpp {
 public:
  InCpp()
      : store_(or_throw(BlockingStore::open("embedded:" + (folder_.path / "cpp.db").string()))),
        documents_(store_.store()) {
    or_throw(store_.link(Fingerprint{"card-1"}, UserId{"U1"}, "4242"));
    or_throw(store_.get_or_init(UserId{"U1"}));
  }
  BlockingStore& store() { return store_; }
  BlockingDocuments& documents() { return documents_; }

 private:
  bench::ScratchFolder folder_;
  BlockingStore store_;
  BlockingDocuments documents_;
};

class InC {
 public:
  InC() {
    const auto settings = R"({"url":"embedded:)" + (folder_.path / "c.db").string() + R"("})";
    loopstate_free(loopstate_open({settings.data(), settings.size()}, &store_));
    call("link", R"({"fingerprint":"card-1","user":"U1","last4":"4242"})");
    call("get_or_init", R"({"user":"U1"})");
  }
  InC(const InC&) = delete;
  InC& operator=(const InC&) = delete;
  ~InC() { loopstate_free(loopstate_close(store_)); }

  void call(const char* name, std::string_view json, std::string_view body = {},
            bool with_body = false) const {
    const loopstate_bytes buffer{body.data(), body.size()};
    auto* answer = loopstate_call(store_, name, {json.data(), json.size()}, &buffer, with_body ? 1 : 0);
    if (loopstate_ok(answer) != 1) std::abort();
    benchmark::DoNotOptimize(loopstate_json(answer));
    loopstate_free(answer);
  }

 private:
  bench::ScratchFolder folder_;
  loopstate_store store_ = 0;
};

InCpp& in_cpp() {
  static InCpp one;
  return one;
}
InC& in_c() {
  static InC one;
  return one;
}

void CppLookup(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(in_cpp().store().lookup(Fingerprint{"card-1"}));
}
void CLookup(benchmark::State& state) {
  for (auto _ : state) in_c().call("lookup", R"({"fingerprint":"card-1"})");
}
void CppFetch(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(in_cpp().store().fetch(UserId{"U1"}));
}
void CFetch(benchmark::State& state) {
  for (auto _ : state) in_c().call("fetch", R"({"user":"U1"})");
}
void CppConflicts(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(in_cpp().store().store().conflicts());
}
void CConflicts(benchmark::State& state) {
  for (auto _ : state) in_c().call("conflicts", "{}");
}
void CppPut(benchmark::State& state) {
  const std::string body(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        in_cpp().documents().put(UserId{"U1"}, CollectionId{"notes"}, "plan", {.body = body}));
  }
}
void CPut(benchmark::State& state) {
  const std::string body(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state)
    in_c().call("documents.put", R"({"user":"U1","collection":"notes","key":"plan"})", body, true);
}
void CppGet(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(in_cpp().documents().get(UserId{"U1"}, CollectionId{"notes"}, "plan"));
}
void CGet(benchmark::State& state) {
  for (auto _ : state) in_c().call("documents.get", R"({"user":"U1","collection":"notes","key":"plan"})");
}

BENCHMARK(CppLookup);
BENCHMARK(CLookup);
BENCHMARK(CppFetch);
BENCHMARK(CFetch);
BENCHMARK(CppConflicts);
BENCHMARK(CConflicts);
BENCHMARK(CppPut)->Arg(1000);
BENCHMARK(CPut)->Arg(1000);
BENCHMARK(CppGet);
BENCHMARK(CGet);
BENCHMARK(CLookup)->Name("CLookup/threads")->ThreadRange(1, 8)->UseRealTime();
BENCHMARK(CppLookup)->Name("CppLookup/threads")->ThreadRange(1, 8)->UseRealTime();

}  // namespace
}  // namespace loopstate

BENCHMARK_MAIN();
