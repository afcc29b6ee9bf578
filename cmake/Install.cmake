# What `cmake --install` puts down: the public headers, a library for each folder, and the package that find_package reads.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/loopstate)

foreach(library ${LOOPSTATE_FOLDERS})
  string(REPLACE "loopstate_" "" folder ${library})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${folder})
endforeach()
set_target_properties(loopstate_dependencies PROPERTIES EXPORT_NAME dependencies)

install(TARGETS loopstate loopstate_dependencies ${LOOPSTATE_FOLDERS} EXPORT loopstateTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/loopstate DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(EXPORT loopstateTargets NAMESPACE loopstate:: DESTINATION ${package_dir})

configure_package_config_file(cmake/loopstateConfig.cmake.in ${CMAKE_BINARY_DIR}/loopstateConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/loopstateConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/loopstateConfig.cmake ${CMAKE_BINARY_DIR}/loopstateConfigVersion.cmake
              cmake/FindCares.cmake cmake/FindLMDB.cmake
        DESTINATION ${package_dir})
