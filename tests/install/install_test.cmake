# Installs the build into a scratch folder, builds examples/minimal against it there, and runs it twice.
set(scratch ${BUILD}/install-test)
file(REMOVE_RECURSE ${scratch})

function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "exit ${result}: ${ARGN}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${scratch}/prefix)
# A copy, so that nothing of this tree is found by accident.
file(COPY ${SOURCE}/examples/minimal DESTINATION ${scratch})
step(${CMAKE_COMMAND} -G Ninja -S ${scratch}/minimal -B ${scratch}/build -DCMAKE_BUILD_TYPE=Release
     -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${scratch}/prefix)
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

file(GLOB_RECURSE headers RELATIVE ${scratch}/prefix/include ${scratch}/prefix/include/*)
list(FILTER headers EXCLUDE REGEX "^loopstate/(detail/)?[a-z0-9_]+\\.hpp$")
if(headers)
  message(FATAL_ERROR "more than the public headers was installed: ${headers}")
endif()
