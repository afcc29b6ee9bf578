add_library(lambda_runtime_stub STATIC runtime_api_stub.cpp)
target_include_directories(lambda_runtime_stub PUBLIC ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(lambda_runtime_stub PUBLIC loopstate_dependencies PRIVATE GTest::gtest loopstate_warnings)
add_library(loopstate_lambda_runtime_stub ALIAS lambda_runtime_stub)

loopstate_test(lambda_runtime FOLDERS lambda lambda_runtime_stub 
               SOURCES runtime_loop_test.cpp runtime_life_test.cpp runtime_protocol_test.cpp)
