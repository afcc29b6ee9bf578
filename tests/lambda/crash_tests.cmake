# A Lambda function that can be killed at each await, and the test that does it.
loopstate_crash_folders(http_client http_server aws embedded dynamodb store open agent lambda)
add_executable(lambda_crash_program crash_program.cpp)
target_include_directories(lambda_crash_program PRIVATE ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(lambda_crash_program PRIVATE loopstate_lambda_crash loopstate_open_crash loopstate_warnings)
if(NOT LOOPSTATE_CRASH_SITES)
  target_compile_options(lambda_crash_program PRIVATE -O0 -g0)
endif()

loopstate_test(lambda_crash FOLDERS lambda_harness agent embedded SOURCES crash_fixture.cpp crash_test.cpp TIMEOUT 300)
add_dependencies(test_lambda_crash lambda_crash_program)
loopstate_test(lambda_crash_dynamodb FOLDERS lambda_harness agent dynamodb_server dynamodb
               SOURCES crash_fixture.cpp crash_dynamodb_test.cpp LABEL dynamodb FIXTURE dynamodb_server TIMEOUT 600)
add_dependencies(test_lambda_crash_dynamodb lambda_crash_program)
