loopstate_test(http_server FOLDERS http SOURCES server_test.cpp server_room_test.cpp server_stop_test.cpp server_rules_test.cpp)
