# What a user links, in parts: the components of find_package(loopstate COMPONENTS ...), and of pkg-config.
set(LOOPSTATE_COMPONENTS embedded dynamodb lambda webhook)
# The top folder of each.
set(LOOPSTATE_TOP_embedded open_embedded)
set(LOOPSTATE_TOP_dynamodb open_dynamodb)
set(LOOPSTATE_TOP_lambda lambda)
set(LOOPSTATE_TOP_webhook webhook)

# All of them; find_package(loopstate) gives the same name.
add_library(loopstate INTERFACE)
add_library(loopstate::loopstate ALIAS loopstate)
foreach(component ${LOOPSTATE_COMPONENTS})
  target_link_libraries(loopstate INTERFACE loopstate_${LOOPSTATE_TOP_${component}})
endforeach()

# loopstate_add_closure(LIBRARY ORDER): puts the library of a folder, and everything of ours that it links, at the front of
# ORDER, unless it is there already, each before what it needs.
function(loopstate_add_closure library order)
  set(found ${${order}})
  get_target_property(links ${library} INTERFACE_LINK_LIBRARIES)
  foreach(link ${links})
    if(link MATCHES "^loopstate_" AND NOT link STREQUAL "loopstate_dependencies" AND NOT link IN_LIST found)
      loopstate_add_closure(${link} found)
    endif()
  endforeach()
  list(PREPEND found ${library})
  set(${order} ${found} PARENT_SCOPE)
endfunction()

set(LOOPSTATE_INSTALLED "")
foreach(component ${LOOPSTATE_COMPONENTS})
  set(LOOPSTATE_LIBRARIES_${component} "")
  loopstate_add_closure(loopstate_${LOOPSTATE_TOP_${component}} LOOPSTATE_LIBRARIES_${component})
  list(APPEND LOOPSTATE_INSTALLED ${LOOPSTATE_LIBRARIES_${component}})
endforeach()
list(REMOVE_DUPLICATES LOOPSTATE_INSTALLED)
