# loopstate_folder(NAME [DEPENDS FOLDERS...] [LIBRARIES LIBS...]): the library loopstate_NAME from src/NAME/*.cpp, except main.cpp.
# A folder inside another is declared by its path, and its library has an underscore for each slash.
# Collects the names in LOOPSTATE_FOLDERS.
set(LOOPSTATE_FOLDERS "")

if(LOOPSTATE_PCH)
  # One precompiled header for every folder and the program.
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/pch.cpp CONTENT "")
  add_library(loopstate_pch OBJECT ${CMAKE_BINARY_DIR}/pch.cpp)
  target_link_libraries(loopstate_pch PRIVATE loopstate_warnings loopstate_dependencies)
  target_precompile_headers(loopstate_pch PRIVATE ${CMAKE_SOURCE_DIR}/src/pch.hpp)
endif()

function(loopstate_folder folder)
  cmake_parse_arguments(F "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" name ${folder})
  add_library(loopstate_${name} STATIC ${sources})
  target_include_directories(loopstate_${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  list(TRANSFORM F_DEPENDS REPLACE "/" "_")
  foreach(other ${F_DEPENDS})
    if(TARGET loopstate_${other})
      target_link_libraries(loopstate_${name} PUBLIC loopstate_${other})
    endif()
  endforeach()
  target_link_libraries(loopstate_${name} PUBLIC loopstate_dependencies ${F_LIBRARIES}
                        PRIVATE $<BUILD_INTERFACE:loopstate_warnings>)
  if(LOOPSTATE_PCH)
    target_precompile_headers(loopstate_${name} REUSE_FROM loopstate_pch)
  endif()
  set(LOOPSTATE_FOLDERS ${LOOPSTATE_FOLDERS} loopstate_${name} PARENT_SCOPE)
endfunction()
