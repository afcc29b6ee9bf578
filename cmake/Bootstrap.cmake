# `bootstrap`, the program that AWS Lambda starts: linked statically, since Lambda's C library (2.34) is older than
# Debian 12's, and has none of the other libraries either. From the same objects as everything else; only the link
# differs.
set(folders function lambda agent webhook open_dynamodb open store_rules store_spine store_rows store_documents dax dynamodb aws http_client http_server table_service table_json crypto json
            table log async base)

# The same headers and options as for any other program.
add_library(loopstate_bootstrap_main OBJECT src/function/main.cpp src/process/privacy.cpp src/process/wiping_delete.cpp)
target_include_directories(loopstate_bootstrap_main PRIVATE src)
set_source_files_properties(src/function/main.cpp PROPERTIES COMPILE_DEFINITIONS
                            LOOPSTATE_VERSION="${PROJECT_VERSION}" SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON)
target_link_libraries(loopstate_bootstrap_main PRIVATE loopstate_function loopstate_open_dynamodb loopstate_warnings)
if(LOOPSTATE_PCH)
  target_precompile_headers(loopstate_bootstrap_main REUSE_FROM loopstate_pch)
endif()

add_executable(bootstrap $<TARGET_OBJECTS:loopstate_bootstrap_main>)
if(LOOPSTATE_SANITIZE)
  # A sanitizer's own library is not available statically.
  target_link_libraries(bootstrap PRIVATE loopstate_function loopstate_open_dynamodb)
  return()
endif()

# As archives: a plain dependency on a folder would bring in the shared libraries.
set(archives "")
foreach(folder ${folders})
  add_dependencies(bootstrap loopstate_${folder})
  list(APPEND archives $<TARGET_FILE:loopstate_${folder}>)
endforeach()
# C code needs no unwind tables: nothing throws through OpenSSL, c-ares, zlib or the C library. They take half a
# megabyte.
foreach(name ssl crypto cares z c)
  find_library(LOOPSTATE_STATIC_${name} lib${name}.a REQUIRED)
  mark_as_advanced(LOOPSTATE_STATIC_${name})
  set(lean ${CMAKE_BINARY_DIR}/bootstrap-libs/lib${name}.a)
  add_custom_command(OUTPUT ${lean} DEPENDS ${LOOPSTATE_STATIC_${name}}
                     COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/bootstrap-libs
                     COMMAND ${CMAKE_OBJCOPY} --remove-section .eh_frame --remove-section .rela.eh_frame --strip-debug
                             ${LOOPSTATE_STATIC_${name}} ${lean})
  list(APPEND lean_archives ${lean})
endforeach()
add_custom_target(bootstrap_libs DEPENDS ${lean_archives})
add_dependencies(bootstrap bootstrap_libs)

target_sources(bootstrap PRIVATE cmake/static/fmt.cpp cmake/static/no_ciphers.cpp cmake/static/no_modules.cpp
                       cmake/static/terminate.cpp)
# ld.bfd, whatever else is used: it leaves out the most. Its warning about dlopen is what no_modules.cpp answers for.
target_link_options(bootstrap PRIVATE -static -fuse-ld=bfd -Wl,--gc-sections,--build-id=none
                    -Wl,-u,loopstate_engine_dynamodb)
target_link_libraries(bootstrap PRIVATE -Wl,--start-group ${archives} ${lean_archives} -Wl,--end-group)
