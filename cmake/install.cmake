# Installs headers, libraries, the CMake package with its components, pkg-config files and documents.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(qbatch_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/qbatch)

# qbatch_install_component(<name> <target> <pkg-config name>): its library, its targets file and its pkg-config file.
set(qbatch_components "")
function(qbatch_install_component name target pc)
  install(TARGETS ${target} EXPORT qbatch-${name}-targets
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT qbatch-${name}-targets NAMESPACE qbatch:: DESTINATION ${qbatch_package_dir})
  configure_file(cmake/${pc}.pc.in ${PROJECT_BINARY_DIR}/${pc}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${pc}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  set(qbatch_components ${qbatch_components} ${name} PARENT_SCOPE)
endfunction()

file(RELATIVE_PATH qbatch_pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
install(DIRECTORY include/qbatch DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.hpp PATTERN local.hpp EXCLUDE
        PATTERN answer_store.hpp EXCLUDE PATTERN local_server.hpp EXCLUDE PATTERN http_server.hpp EXCLUDE)
qbatch_install_component(core qbatch qbatch)
if(QBATCH_WITH_LOCAL)
  install(FILES include/qbatch/local.hpp include/qbatch/answer_store.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/qbatch)
  qbatch_install_component(local qbatch_local qbatch-local)
endif()
if(QBATCH_WITH_SERVE)
  install(FILES include/qbatch/local_server.hpp include/qbatch/http_server.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/qbatch)
  qbatch_install_component(serve qbatch_serve qbatch-serve)
endif()

configure_package_config_file(cmake/qbatchConfig.cmake.in qbatchConfig.cmake INSTALL_DESTINATION ${qbatch_package_dir})
write_basic_package_version_file(qbatchConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/qbatchConfig.cmake ${PROJECT_BINARY_DIR}/qbatchConfigVersion.cmake DESTINATION ${qbatch_package_dir})
install(FILES LICENSE README.md CHANGELOG.md docs/guide.md docs/service.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The programs find shared libraries beside them.
foreach(program qbatch_cli qbatch_service)
  if(TARGET ${program} AND BUILD_SHARED_LIBS)
    set_target_properties(${program} PROPERTIES INSTALL_RPATH $ORIGIN/../${CMAKE_INSTALL_LIBDIR})
  endif()
endforeach()
