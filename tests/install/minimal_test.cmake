# Builds examples/minimal against the installed package, and runs it twice.
include(${CMAKE_CURRENT_LIST_DIR}/step.cmake)
set(scratch ${SCRATCH}/minimal-test)
file(REMOVE_RECURSE ${scratch})

# A copy, so that nothing of this tree is found by accident.
file(COPY ${SOURCE}/examples/minimal DESTINATION ${scratch})
step(${CMAKE_COMMAND} -G Ninja -S ${scratch}/minimal -B ${scratch}/build -DCMAKE_BUILD_TYPE=Release
     -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix)
step(${CMAKE_COMMAND} --build ${scratch}/build)

set(store embedded:${scratch}/minimal.db)
step(${scratch}/build/minimal ${store})
if(NOT output STREQUAL
   "delivery 1: recorded\ndelivery 2: seen before\ndelivery 3: seen before\npending: 450 at coffee-shop\n")
  message(FATAL_ERROR "the first run printed:\n${output}")
endif()
step(${scratch}/build/minimal ${store})
if(NOT output MATCHES "^delivery 1: seen before\n")
  message(FATAL_ERROR "the second run printed:\n${output}")
endif()
