# What the packages hold beside what Install.cmake installs, and what `cpack` makes of it: loopstate_VERSION_ARCH.deb (program and
# agent), libloopstate0_VERSION_ARCH.deb (the shared library), libloopstate-dev_VERSION_ARCH.deb, and a .tar.gz of everything. tools/dist makes them all, reproducibly.
if(NOT TARGET loopstate_program OR NOT LOOPSTATE_SHARED OR CMAKE_CROSSCOMPILING OR LOOPSTATE_SANITIZE)
  return()
endif()

# Manual pages and completions, by the program itself, from its table of commands.
set(made ${CMAKE_BINARY_DIR}/made)
add_custom_command(OUTPUT ${made}/complete
  DEPENDS loopstate_program
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${made}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${made}/man1
  COMMAND $<TARGET_FILE:loopstate_program> man --into ${made}/man1 > ${made}/complete.log
  COMMAND $<TARGET_FILE:loopstate_program> completion bash > ${made}/loopstate
  COMMAND $<TARGET_FILE:loopstate_program> completion zsh > ${made}/_loopstate
  COMMAND $<TARGET_FILE:loopstate_program> completion fish > ${made}/loopstate.fish
  COMMAND ${CMAKE_COMMAND} -E touch ${made}/complete
  COMMENT "Writing manual pages and completions" VERBATIM)
add_custom_target(loopstate_made ALL DEPENDS ${made}/complete)

# Nothing can be written over the addresses that the loader has filled in.
target_link_options(loopstate_program PRIVATE -Wl,-z,relro -Wl,-z,now)

set(doc ${CMAKE_INSTALL_DATADIR}/doc/loopstate)
set(examples ${doc}/examples)
install(DIRECTORY ${made}/man1/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES ${made}/loopstate DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
# Debian's own zsh looks in vendor-completions instead: prepare_package.cmake moves it.
install(FILES ${made}/_loopstate DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT program)
install(FILES ${made}/loopstate.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)

install(FILES deploy/systemd/loopstate.service deploy/systemd/loopstate-backup.service deploy/systemd/loopstate-backup.timer
        DESTINATION lib/systemd/system COMPONENT program)
install(PROGRAMS deploy/systemd/backup DESTINATION lib/loopstate COMPONENT program)
install(DIRECTORY docs/ DESTINATION ${doc} COMPONENT program FILES_MATCHING PATTERN "*.md")
install(FILES SECURITY.md DESTINATION ${doc} COMPONENT program)
install(FILES deploy/systemd/agent.env deploy/nginx/loopstate.conf deploy/caddy/Caddyfile DESTINATION ${examples} COMPONENT program)
install(DIRECTORY deploy/prometheus deploy/grafana DESTINATION ${examples} COMPONENT program)
foreach(package loopstate libloopstate0 libloopstate-dev)
  set(component_of_loopstate program)
  set(component_of_libloopstate0 shared)
  set(component_of_libloopstate-dev development)
  install(FILES deploy/debian/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package}
          COMPONENT ${component_of_${package}})
  install(FILES CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component_of_${package}})
endforeach()

set(CPACK_PACKAGE_NAME loopstate)
set(CPACK_PACKAGE_VENDOR "the loopstate authors")
# The default reaches nobody, and says so: that domain cannot exist (RFC 2606). Whoever passes packages on is their
# maintainer and gives an address.
set(LOOPSTATE_MAINTAINER "the loopstate authors <authors@loopstate.invalid>" CACHE STRING "who maintains the packages: NAME <ADDRESS>")
set(CPACK_PACKAGE_CONTACT "${LOOPSTATE_MAINTAINER}")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program development shared)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/prepare_package.cmake)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
    WORLD_EXECUTE)
set(CPACK_LOOPSTATE_SOURCE ${CMAKE_SOURCE_DIR})
set(CPACK_LOOPSTATE_BUILD ${CMAKE_BINARY_DIR})

string(TOLOWER ${CMAKE_SYSTEM_NAME} system)
set(CPACK_PACKAGE_FILE_NAME loopstate-${PROJECT_VERSION}-${system}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_ARCHIVE_COMPONENT_INSTALL OFF)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# A tenth of the time that xz takes, for packages a third larger.
set(CPACK_DEBIAN_COMPRESSION_TYPE gzip)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME loopstate)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/deploy/debian/postinst ${CMAKE_SOURCE_DIR}/deploy/debian/prerm
    ${CMAKE_SOURCE_DIR}/deploy/debian/postrm)
set(about "An agent that keeps nothing itself wakes up because a shopper paid, and must
know whose card that is, what it may do for them, and whether it saw this
payment before. loopstate keeps that, once, in a local file or in Amazon
DynamoDB.")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "state store for agents that move money")
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "${about}

This package has the program, and a service that receives the webhooks of
Square, Stripe and Fidel.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libloopstate-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libloopstate0 (= ${PROJECT_VERSION}), libboost1.81-dev, libc-ares-dev, libfmt-dev, liblmdb-dev, libssl-dev, zlib1g-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "${about}

This package has the library's headers and archives, for CMake and pkg-config.")
set(CPACK_DEBIAN_SHARED_PACKAGE_NAME libloopstate0)
set(CPACK_DEBIAN_SHARED_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_SHARED_PACKAGE_SHLIBDEPS ON)
# By hand: with those that CPack can write there is no trigger.
set(CPACK_DEBIAN_SHARED_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/deploy/debian/libloopstate0/shlibs
    ${CMAKE_SOURCE_DIR}/deploy/debian/libloopstate0/triggers)
set(CPACK_DEBIAN_SHARED_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_SHARED_DESCRIPTION "${about}

This package has the shared library, for programs in C and in languages that
can call C.")
include(CPack)
