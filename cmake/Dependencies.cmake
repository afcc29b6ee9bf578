# All of these are Debian 12 packages; tools/install-packages names them, loopstateConfig.cmake.in finds them again.
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(ZLIB REQUIRED)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
find_package(LMDB REQUIRED)
find_package(Cares REQUIRED)
# One header, compiled into src/embedded/xxh3*.cpp: users of the library do not need it.
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
mark_as_advanced(XXHASH_INCLUDE_DIR)

add_library(loopstate_dependencies INTERFACE)
target_include_directories(loopstate_dependencies INTERFACE
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(loopstate_dependencies INTERFACE cxx_std_23)
target_compile_definitions(loopstate_dependencies INTERFACE BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(loopstate_dependencies INTERFACE
  $<BUILD_INTERFACE:Boost::headers> fmt::fmt Threads::Threads)
