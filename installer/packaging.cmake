# Where things go on `cmake --install`, and the Debian package that `cpack` makes of it.
include(GNUInstallDirs)

install(TARGETS vernier-cli RUNTIME)
if(TARGET vernier-cuda)
  # A library in lib or right below it would make cpack call ldconfig on the user's machine; only Vernier loads this one.
  install(TARGETS vernier-cuda LIBRARY DESTINATION lib/vernier/backends)
endif()
# resource_dir() looks in share/vernier beside the program.
install(DIRECTORY resources/demo/model resources/demo/lora DESTINATION ${CMAKE_INSTALL_DATADIR}/vernier/demo)
install(DIRECTORY resources/film DESTINATION ${CMAKE_INSTALL_DATADIR}/vernier)
install(FILES resources/demo/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/vernier/demo)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET vernier)
  install(TARGETS vernier RUNTIME)
  install(DIRECTORY resources/lessons resources/presets DESTINATION ${CMAKE_INSTALL_DATADIR}/vernier)
  install(FILES installer/org.vernier.Vernier.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
  install(FILES installer/org.vernier.Vernier.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
  # A run folder is known by the store in it.
  install(FILES installer/org.vernier.Vernier.mime.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages
          RENAME org.vernier.Vernier.xml)
  install(FILES resources/icons/org.vernier.Vernier.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME vernier)
set(CPACK_PACKAGE_CONTACT "The Vernier maintainers <maintainers@vernier.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "desktop instrument for fine-tuning language models")
set(CPACK_PACKAGE_DESCRIPTION "Vernier trains LoRA adapters for language models on the machine it runs on, and shows what
the training really does, token by token. A window and a command line share one engine.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package_permissions.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "qt6-wayland, qt6-translations-l10n, fonts-noto-cjk")
include(CPack)
