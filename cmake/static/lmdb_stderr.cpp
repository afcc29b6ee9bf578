// Debian's liblmdb.a is compiled for programs: it takes `stderr`, the only variable of another library that
// it uses, to be close by. In a shared library it is not, so the archive gets this one, which is
// (cmake/SharedLibrary.cmake).
#include <cstdio>

extern "C" {
extern std::FILE* loopstate_lmdb_stderr;
std::FILE* loopstate_lmdb_stderr = stderr;
}
