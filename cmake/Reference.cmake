# `cmake --build build --target reference` writes the reference of the public headers to build/reference/html, with Doxygen
# (tools/install-packages --for dev has it). Its warnings are errors. Not part of `all`.
find_program(DOXYGEN_PROGRAM doxygen)
mark_as_advanced(DOXYGEN_PROGRAM)
if(NOT DOXYGEN_PROGRAM)
  return()
endif()
set(reference ${CMAKE_BINARY_DIR}/reference)
configure_file(${CMAKE_CURRENT_LIST_DIR}/Doxyfile.in ${reference}/Doxyfile @ONLY)
add_custom_target(reference COMMAND ${DOXYGEN_PROGRAM} -q ${reference}/Doxyfile WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                  COMMENT "Writing ${reference}/html/index.html" VERBATIM)
