# What `cmake --install` installs: the public headers, the libraries that the components are made of, the package that
# find_package reads, and pkg-config's.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/loopstate)

foreach(library ${LOOPSTATE_INSTALLED})
  string(REPLACE "loopstate_" "" folder ${library})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${folder})
endforeach()
set_target_properties(loopstate_dependencies PROPERTIES EXPORT_NAME dependencies)

install(TARGETS loopstate_dependencies ${LOOPSTATE_INSTALLED} EXPORT loopstateTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY include/loopstate DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
        FILES_MATCHING PATTERN "*.hpp")
install(EXPORT loopstateTargets NAMESPACE loopstate:: DESTINATION ${package_dir} COMPONENT development)

configure_package_config_file(cmake/loopstateConfig.cmake.in ${CMAKE_BINARY_DIR}/loopstateConfig.cmake
                              INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/loopstateConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/loopstateConfig.cmake ${CMAKE_BINARY_DIR}/loopstateConfigVersion.cmake
              cmake/FindCares.cmake cmake/FindLMDB.cmake
        DESTINATION ${package_dir} COMPONENT development)

# loopstate-COMPONENT.pc for each component, and loopstate.pc for all of them.
set(package_file_of_OpenSSL::Crypto libcrypto)
set(package_file_of_OpenSSL::SSL libssl libcrypto)
set(package_file_of_LMDB::lmdb lmdb)
set(package_file_of_Cares::cares libcares)
set(package_file_of_ZLIB::ZLIB zlib)

# The prefix is relative to the file's location, so that the tree can be moved.
string(REGEX REPLACE "[^/]+" ".." up ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

function(loopstate_package_file name about requires libs)
  string(REPLACE ";" ", " requires "${requires}")
  string(REPLACE ";" " " libs "${libs}")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pkgconfig/${name}.pc @ONLY CONTENT [[
prefix=${pcfiledir}/@up@
libdir=${prefix}/@CMAKE_INSTALL_LIBDIR@
includedir=${prefix}/@CMAKE_INSTALL_INCLUDEDIR@

Name: @name@
Description: @about@
Version: @PROJECT_VERSION@
Requires: @requires@
Cflags: -I${includedir} -DBOOST_ASIO_NO_DEPRECATED
Libs: -L${libdir} @libs@
]])
  install(FILES ${CMAKE_BINARY_DIR}/pkgconfig/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
          COMPONENT development)
endfunction()

foreach(component ${LOOPSTATE_COMPONENTS})
  set(requires fmt)
  set(libs "")
  foreach(library ${LOOPSTATE_LIBRARIES_${component}})
    get_target_property(links ${library} INTERFACE_LINK_LIBRARIES)
    foreach(link ${links})
      if(DEFINED package_file_of_${link})
        list(APPEND requires ${package_file_of_${link}})
      elseif(link MATCHES "^-")
        list(APPEND libs ${link})
      endif()
    endforeach()
    list(APPEND libs -l${library})
  endforeach()
  list(REMOVE_DUPLICATES requires)
  loopstate_package_file(loopstate-${component} "${PROJECT_DESCRIPTION}: the component ${component}"
                         "${requires}" "${libs};-pthread")
endforeach()
list(TRANSFORM LOOPSTATE_COMPONENTS PREPEND loopstate- OUTPUT_VARIABLE all)
loopstate_package_file(loopstate "${PROJECT_DESCRIPTION}: all components" "${all}" "")
