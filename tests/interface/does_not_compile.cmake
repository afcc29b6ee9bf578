# cmake -D COMPILER=... -D INCLUDE=... -D SOURCE=... -P does_not_compile.cmake
#
# SOURCE is compiled once for each "FORM == N  // EXPECTED" in it: that must fail, for a reason that EXPECTED (a regular
# expression) matches in the compiler's output. Form 0 must compile: otherwise everything would fail for some other reason.
file(STRINGS ${SOURCE} forms REGEX "FORM == [0-9]+")
set(compile ${COMPILER} -std=c++23 -fsyntax-only -I ${INCLUDE} ${SOURCE})

execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${compile} -DFORM=0 RESULT_VARIABLE result ERROR_VARIABLE said)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "what the forms share does not compile:\n${said}")
endif()

set(failed "")
foreach(form ${forms})
  if(NOT form MATCHES "FORM == ([0-9]+) +// (.+)$")
    message(FATAL_ERROR "say what the compiler has to answer: ${form}")
  endif()
  set(number ${CMAKE_MATCH_1})
  set(expected ${CMAKE_MATCH_2})
  execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${compile} -DFORM=${number} RESULT_VARIABLE result ERROR_VARIABLE said)
  if(result EQUAL 0)
    string(APPEND failed "form ${number} compiles, and should not: ${expected}\n")
  elseif(NOT said MATCHES "${expected}")
    string(APPEND failed "form ${number} was expected to fail with \"${expected}\":\n${said}\n")
  endif()
endforeach()
if(failed)
  message(FATAL_ERROR "${failed}")
endif()
