# Installs the build into a scratch folder: of the headers, the public ones and no others.
include(${CMAKE_CURRENT_LIST_DIR}/step.cmake)
file(REMOVE_RECURSE ${SCRATCH})
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/prefix)

file(GLOB_RECURSE headers RELATIVE ${SCRATCH}/prefix/include ${SCRATCH}/prefix/include/*)
file(GLOB_RECURSE public RELATIVE ${SOURCE}/include ${SOURCE}/include/*.hpp ${SOURCE}/include/*.h)
list(SORT headers)
list(SORT public)
if(NOT headers STREQUAL public)
  message(FATAL_ERROR "other headers than the public ones were installed: ${headers}")
endif()

# A component that does not exist is refused by name.
file(COPY ${SOURCE}/tests/install/consumer DESTINATION ${SCRATCH}/unknown)
execute_process(COMMAND ${CMAKE_COMMAND} -G Ninja -S ${SCRATCH}/unknown/consumer -B ${SCRATCH}/unknown/build
                        -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix -DCOMPONENTS=redis
                        -DPROGRAM=open_store
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
string(REGEX REPLACE "[ \n]+" " " said "${output}")
if(result EQUAL 0 OR NOT said MATCHES "loopstate has no component redis")
  message(FATAL_ERROR "exit ${result} for an unknown component:\n${output}")
endif()
