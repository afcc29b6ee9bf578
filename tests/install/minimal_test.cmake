# Builds examples/minimal against the installed package, and runs it twice.
include(${CMAKE_CURRENT_LIST_DIR}/step.cmake)
set(scratch ${SCRATCH}/minimal-test)
file(REMOVE_RECURSE ${scratch})

# A copy, so that nothing of this tree is found by accident.
file(COPY ${SOURCE}/examples/minimal DESTINATION ${scratch})
step(${CMAKE_COMMAND} -G Ninja -S ${scratch}/minimal -B ${scratch}/build -DCMAKE_BUILD_TYPE=Release
     -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror" -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix)
step(${CMAKE_COMMAND} --build ${scratch}/build)

# It keeps its store where it runs.
step(${CMAKE_COMMAND} -E chdir ${scratch} ${scratch}/build/example_minimal)
if(NOT output STREQUAL "recorded\n")
  message(FATAL_ERROR "the first run printed:\n${output}")
endif()
step(${CMAKE_COMMAND} -E chdir ${scratch} ${scratch}/build/example_minimal)
if(NOT output STREQUAL "seen before\n")
  message(FATAL_ERROR "the second run printed:\n${output}")
endif()
