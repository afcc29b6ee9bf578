loopstate_test(lambda_function FOLDERS lambda model SOURCES function_http_test.cpp)
