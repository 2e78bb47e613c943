# `make install`: the program, the libraries that it opens while running, and those that the dynamic linker brings it, but
# for the C library, which belongs to the system. The tree may be moved anywhere: all is found beside the program.
# libpq is not in it: it comes with the system's package (libpq5) when a PostgreSQL database is used.

set(opened_libraries
    ${SLIPWAY_DEPS}/lib/lib_lightgbm.so
    ${SLIPWAY_DEPS}/lib/libduckdb.so
    ${SLIPWAY_DEPS}/lib/libarrow.so.2600
    ${SLIPWAY_DEPS}/lib/libparquet.so.2600)

# libgit2 is opened under the name that the system gives it, which is a link.
set(libgit2_name libgit2.so.1.5)
find_file(libgit2_link ${libgit2_name} HINTS ${libgit2_LIBDIR} PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE} REQUIRED)
get_filename_component(libgit2_file ${libgit2_link} REALPATH)

# An old-style run path, because it also holds for the libraries that an opened library needs in turn.
target_link_options(slipway PRIVATE -Wl,--disable-new-dtags)
set_target_properties(slipway PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/slipway")
set_target_properties(slipway_arrow PROPERTIES INSTALL_RPATH "$ORIGIN")
install(TARGETS slipway RUNTIME DESTINATION bin)
install(TARGETS slipway_arrow LIBRARY DESTINATION lib/slipway)
install(FILES ${opened_libraries} DESTINATION lib/slipway)
install(FILES ${libgit2_file} DESTINATION lib/slipway RENAME ${libgit2_name})
list(APPEND opened_libraries ${libgit2_file})
install(CODE "
  file(GET_RUNTIME_DEPENDENCIES
    EXECUTABLES \"$<TARGET_FILE:slipway>\"
    LIBRARIES \"$<JOIN:${opened_libraries},\" \">\"
    RESOLVED_DEPENDENCIES_VAR brought
    PRE_EXCLUDE_REGEXES \"^ld-linux\" \"^lib(c|m|dl|rt|pthread)\\\\.so\"
    POST_EXCLUDE_REGEXES \"^${SLIPWAY_DEPS}/\")
  file(INSTALL \${brought} DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/slipway\" FOLLOW_SYMLINK_CHAIN)
")
