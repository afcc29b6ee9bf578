# The Runtime API's stand-in and child processes, for every test here.
add_library(loopstate_lambda_harness STATIC runtime_api_stub.cpp child_process.cpp)
target_include_directories(loopstate_lambda_harness PUBLIC ${CMAKE_SOURCE_DIR}/tests)
target_compile_definitions(loopstate_lambda_harness PRIVATE LOOPSTATE_PROGRAM="${CMAKE_BINARY_DIR}/loopstate")
target_link_libraries(loopstate_lambda_harness PUBLIC loopstate_dependencies
                      PRIVATE GTest::gtest loopstate_warnings)

loopstate_test(lambda_runtime FOLDERS lambda lambda_harness
               SOURCES runtime_loop_test.cpp runtime_life_test.cpp runtime_protocol_test.cpp)

add_executable(lambda_runtime_program runtime_program.cpp)
target_include_directories(lambda_runtime_program PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(lambda_runtime_program PRIVATE loopstate_lambda loopstate_warnings)
loopstate_test(lambda_process FOLDERS lambda_harness SOURCES runtime_process_test.cpp)
add_dependencies(test_lambda_process lambda_runtime_program)

# The example, for its test.
add_subdirectory(${CMAKE_SOURCE_DIR}/examples/lambda_memory ${CMAKE_BINARY_DIR}/examples/lambda_memory)
loopstate_test(lambda_example FOLDERS lambda_harness SOURCES example_test.cpp)
add_dependencies(test_lambda_example lambda_memory)
