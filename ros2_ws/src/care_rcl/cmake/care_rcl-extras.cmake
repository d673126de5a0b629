# What executables on rcl need beyond target_link_libraries.

# care_rcl_executable(<target>): lets an executable link and find its libraries where ROS comes as
# wheels. Call it after all find_package calls. On a distribution it changes nothing.
function(care_rcl_executable target)
  # The wheels' fastrtps names libtinyxml2 by a path of the machine that built the wheel; it is linked
  # inside libfastrtps, nobody else needs it.
  if(TARGET fastrtps)
    get_target_property(_libs fastrtps INTERFACE_LINK_LIBRARIES)
    list(FILTER _libs EXCLUDE REGEX "^/usr/lib64/libtinyxml2")
    set_target_properties(fastrtps PROPERTIES INTERFACE_LINK_LIBRARIES "${_libs}")
  endif()
  # There, libraries lie in <prefix>/lib and in one folder a wheel. The path must be a DT_RPATH, for
  # it has to hold for the libraries' own dependencies too, and for a binary with file capabilities,
  # where the loader ignores LD_LIBRARY_PATH.
  get_filename_component(_prefix "${rcl_DIR}/../../.." REALPATH)
  file(GLOB _wheel_libs "${_prefix}/lib/python3.*/site-packages/ros_*.libs")
  if(_wheel_libs)
    set_target_properties(${target} PROPERTIES
      INSTALL_RPATH "$ORIGIN/..;${_prefix}/lib;${_wheel_libs}"
      INSTALL_RPATH_USE_LINK_PATH TRUE)
    target_link_options(${target} PRIVATE
      "LINKER:--disable-new-dtags" "LINKER:--as-needed" "LINKER:--allow-shlib-undefined")
  endif()
endfunction()
