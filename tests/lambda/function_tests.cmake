loopstate_test(lambda_function FOLDERS lambda model SOURCES
               emf_test.cpp envelope_test.cpp function_event_test.cpp function_http_test.cpp function_sqs_test.cpp)
