# The conformance suite of the rules: the same tests for every engine. An executable that lists these sources gives an
# `engines.cpp` of its own, which names the engines to put under them (store_fixture.hpp).
set(LOOPSTATE_STORE_SUITES
    fixture_items.cpp hooked_table.cpp store_fixture.cpp
    cards_test.cpp transactions_test.cpp claims_test.cpp sessions_test.cpp location_test.cpp
    context_test.cpp captures_test.cpp record_test.cpp refund_test.cpp snapshot_test.cpp erase_test.cpp
    requests_test.cpp)
list(TRANSFORM LOOPSTATE_STORE_SUITES PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
