# `loopstate-static`, the program as the container image has it: one file that needs no library and no loader. From the same objects
# as `loopstate`; only the link differs (Bootstrap.cmake says more about that).
if(NOT TARGET loopstate_program OR LOOPSTATE_SANITIZE OR CMAKE_CROSSCOMPILING)
  return()
endif()

add_executable(loopstate_static $<TARGET_OBJECTS:loopstate_program>)
set_target_properties(loopstate_static PROPERTIES OUTPUT_NAME loopstate-static LINKER_LANGUAGE CXX)
set(archives "")
foreach(library ${LOOPSTATE_INSTALLED} loopstate_agent loopstate_http_server loopstate_store_upkeep loopstate_catalogue)
  add_dependencies(loopstate_static ${library})
  list(APPEND archives $<TARGET_FILE:${library}>)
endforeach()
find_library(LOOPSTATE_STATIC_lmdb liblmdb.a REQUIRED)
mark_as_advanced(LOOPSTATE_STATIC_lmdb)
add_dependencies(loopstate_static bootstrap_libs)
target_sources(loopstate_static PRIVATE cmake/static/fmt.cpp cmake/static/no_ciphers.cpp cmake/static/no_modules.cpp
                       cmake/static/terminate.cpp)
target_link_options(loopstate_static PRIVATE -static -fuse-ld=bfd -Wl,--gc-sections,--build-id=none
                    -Wl,-u,loopstate_engine_dynamodb,-u,loopstate_engine_embedded)
target_link_libraries(loopstate_static PRIVATE -Wl,--start-group ${archives} ${lean_archives} ${LOOPSTATE_STATIC_lmdb}
                      -Wl,--end-group)
