# `libloopstate.so.0`, the library for C and for the languages that can call C: loopstate.h is its whole interface. It contains what
# it needs of Boost, fmt, LMDB and c-ares; OpenSSL and zlib stay shared, since they get security fixes of their own.
set_source_files_properties(src/c/interface.cpp PROPERTIES COMPILE_DEFINITIONS LOOPSTATE_VERSION="${PROJECT_VERSION}"
                            SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
if(NOT LOOPSTATE_SHARED)
  return()
endif()

add_library(loopstate_shared SHARED $<TARGET_OBJECTS:loopstate_c> cmake/static/fmt.cpp cmake/static/lmdb_stderr.cpp)
add_library(loopstate::shared ALIAS loopstate_shared)
set_target_properties(loopstate_shared PROPERTIES OUTPUT_NAME loopstate VERSION ${PROJECT_VERSION} SOVERSION 0
                      LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR} LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/loopstate.map)
target_include_directories(loopstate_shared INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
                                                      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(loopstate_shared PRIVATE cxx_std_23)

# As archives: a plain dependency on a folder would bring in the shared libraries, and export what the folder defines.
set(LOOPSTATE_LIBRARIES_shared "")
loopstate_add_closure(loopstate_c LOOPSTATE_LIBRARIES_shared)
list(REMOVE_ITEM LOOPSTATE_LIBRARIES_shared loopstate_c)
set(archives "")
foreach(library ${LOOPSTATE_LIBRARIES_shared})
  add_dependencies(loopstate_shared ${library})
  list(APPEND archives $<TARGET_FILE:${library}>)
endforeach()
foreach(name lmdb cares)
  find_library(LOOPSTATE_STATIC_${name} lib${name}.a REQUIRED)
  mark_as_advanced(LOOPSTATE_STATIC_${name})
endforeach()
set(lmdb ${CMAKE_BINARY_DIR}/shared-libs/liblmdb.a)
add_custom_command(OUTPUT ${lmdb} DEPENDS ${LOOPSTATE_STATIC_lmdb}
                   COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/shared-libs
                   COMMAND ${CMAKE_OBJCOPY} --redefine-sym stderr=loopstate_lmdb_stderr ${LOOPSTATE_STATIC_lmdb} ${lmdb})
add_custom_target(loopstate_shared_libs DEPENDS ${lmdb})
add_dependencies(loopstate_shared loopstate_shared_libs)
list(APPEND archives ${lmdb} ${LOOPSTATE_STATIC_cares})
# Never unloaded: threads that write to a store may still run when the last one who loaded the library lets go of it.
target_link_options(loopstate_shared PRIVATE -Wl,--gc-sections -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now
                    -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/loopstate.map
                    -Wl,-u,loopstate_engine_dynamodb,-u,loopstate_engine_embedded)
if(NOT LOOPSTATE_SANITIZE)
  target_link_options(loopstate_shared PRIVATE -Wl,-z,defs)
endif()
target_link_libraries(loopstate_shared PRIVATE -Wl,--start-group ${archives} -Wl,--end-group OpenSSL::SSL OpenSSL::Crypto
                                               ZLIB::ZLIB Threads::Threads)

# Installed by itself, as the component `shared`: a program for C needs nothing of the rest.
install(TARGETS loopstate_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT shared NAMELINK_COMPONENT development)
install(FILES include/loopstate.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
string(REGEX REPLACE "[^/]+" ".." up ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pkgconfig/loopstate-shared.pc @ONLY CONTENT [[
prefix=${pcfiledir}/@up@
libdir=${prefix}/@CMAKE_INSTALL_LIBDIR@
includedir=${prefix}/@CMAKE_INSTALL_INCLUDEDIR@

Name: loopstate-shared
Description: @PROJECT_DESCRIPTION@: the shared library, for C
Version: @PROJECT_VERSION@
Cflags: -I${includedir}
Libs: -L${libdir} -lloopstate
]])
install(FILES ${CMAKE_BINARY_DIR}/pkgconfig/loopstate-shared.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT development)
