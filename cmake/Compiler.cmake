add_library(loopstate_warnings INTERFACE)
target_compile_options(loopstate_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wpedantic)
# GCC 12 mistakes the allocation of a Boost.Asio coroutine frame for a mismatched one.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(loopstate_warnings INTERFACE -Wno-mismatched-new-delete)
  if(CMAKE_UNITY_BUILD)
    # GCC takes a source included by a unity build for a header, whose unnamed namespaces would be a mistake.
    target_compile_options(loopstate_warnings INTERFACE -Wno-subobject-linkage)
  endif()
endif()

# So that a static program links only what it uses (cmake/Bootstrap.cmake).
add_compile_options(-ffunction-sections -fdata-sections)

# The same objects make the programs and the shared library (cmake/SharedLibrary.cmake). Hidden, so that calls among them
# need no table of addresses in either.
if(LOOPSTATE_SHARED)
  add_compile_options(-fPIC -fvisibility=hidden)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # The same bytes, whichever folder this tree is in.
  add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
endif()

if(LOOPSTATE_FUZZ)
  # Everything is instrumented, so that the fuzzer sees which way an input went.
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(LOOPSTATE_SANITIZE)
  add_compile_options(-fsanitize=${LOOPSTATE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LOOPSTATE_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE_PROGRAM})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()
