# For arm64, from an x86-64 machine: Debian's cross compiler (g++-aarch64-linux-gnu), and the headers and libraries that
# tools/arm64-root unpacks. The C library is the root's: the cross compiler's own gets no security fixes.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../.deps/arm64-root)

# Programs run here; everything else comes from the root.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# The cross compiler looks for linkers under its own names, and mold has none there.
set(MOLD_PROGRAM OFF)

# What was built for arm64 can still run here, tests included:
# cmake --preset package-arm64 -B build-arm64 -DLOOPSTATE_TESTS=ON
# after tools/arm64-root --tests. Except the embedded engine's: QEMU cannot map a file of 64 GB, as it does.
find_program(LOOPSTATE_QEMU_AARCH64 qemu-aarch64-static)
mark_as_advanced(LOOPSTATE_QEMU_AARCH64)
if(LOOPSTATE_QEMU_AARCH64)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${LOOPSTATE_QEMU_AARCH64} -L ${CMAKE_SYSROOT})
endif()
