# Builds in which LOOPSTATE_CRASH_AT=N kills the process at the Nth place where a coroutine waits or resumes
# (src/base/crash_site.hpp). Either everything:
#
#   cmake -B build-crash -DLOOPSTATE_CRASH_SITES=ON -DLOOPSTATE_TESTS=ON
#
# or, for the tests of an ordinary build, a second copy of the folders that know Boost.Asio.
option(LOOPSTATE_CRASH_SITES "Let LOOPSTATE_CRASH_AT kill the process at each await (for tests)" OFF)

set(LOOPSTATE_CRASH_DEFINITIONS LOOPSTATE_CRASH_SITES BOOST_ASIO_CUSTOM_HANDLER_TRACKING="base/crash_site.hpp")
if(LOOPSTATE_CRASH_SITES)
  add_compile_definitions(${LOOPSTATE_CRASH_DEFINITIONS})
  include_directories(src)
endif()

# loopstate_crash_folders(FOLDERS...): a library loopstate_NAME_crash beside each loopstate_NAME, with the same sources and
# links, in which every await is a crash site.
function(loopstate_crash_folders)
  if(LOOPSTATE_CRASH_SITES)
    foreach(name ${ARGN})
      add_library(loopstate_${name}_crash ALIAS loopstate_${name})
    endforeach()
    return()
  endif()
  add_library(loopstate_crash_site STATIC EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/src/base/crash_site.cpp)
  target_compile_definitions(loopstate_crash_site PUBLIC ${LOOPSTATE_CRASH_DEFINITIONS})
  target_include_directories(loopstate_crash_site PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(loopstate_crash_site PUBLIC loopstate_dependencies)
  foreach(name ${ARGN})
    get_target_property(sources loopstate_${name} SOURCES)
    get_target_property(links loopstate_${name} INTERFACE_LINK_LIBRARIES)
    list(FILTER links EXCLUDE REGEX "LINK_ONLY")
    foreach(other ${ARGN})
      list(TRANSFORM links REPLACE "^loopstate_${other}$" "loopstate_${other}_crash")
    endforeach()
    add_library(loopstate_${name}_crash STATIC EXCLUDE_FROM_ALL ${sources})
    target_link_libraries(loopstate_${name}_crash PUBLIC loopstate_crash_site ${links})
    # Should build quickly rather than run quickly; the other build shows the warnings.
    target_compile_options(loopstate_${name}_crash PRIVATE -O0 -g0 -w)
    set_target_properties(loopstate_${name}_crash PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
  endforeach()
endfunction()
