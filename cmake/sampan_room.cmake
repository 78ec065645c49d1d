include(GoogleTest)

# sampan_room(NAME [THREADED] SOURCES a.cpp ... [TESTS a_test.cpp ...] [USES other_room|library ...])
#
# THREADED: its objects are used by several threads at once, so its unit tests run under ThreadSanitizer too.
# One folder of src/: a static library sampan_NAME and, beside the code, its unit tests in one program NAME_tests.
# USES is the list of rooms that it may include; tools/tidy.py holds the same table and checks the includes.
function(sampan_room name)
  cmake_parse_arguments(ROOM "THREADED" "" "SOURCES;TESTS;USES" ${ARGN})
  add_library(sampan_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(sampan_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(sampan_${name} PUBLIC ${ROOM_USES} PRIVATE sampan_flags)
  if(ROOM_TESTS)
    set(threaded)
    if(ROOM_THREADED)
      set(threaded THREADED)
    endif()
    sampan_unit_tests(${name} ${threaded} TESTS ${ROOM_TESTS} USES sampan_${name})
  endif()
endfunction()

# sampan_unit_tests(NAME [THREADED] TESTS a_test.cpp ... USES library ...): a program NAME_tests, which ctest knows as
# unit.NAME; the target unit_tests builds all of them.
add_custom_target(unit_tests)
function(sampan_unit_tests name)
  cmake_parse_arguments(UNIT "THREADED" "" "TESTS;USES" ${ARGN})
  add_executable(${name}_tests ${UNIT_TESTS})
  target_link_libraries(${name}_tests PRIVATE ${UNIT_USES} sampan_flags GTest::gmock GTest::gtest_main)
  add_dependencies(unit_tests ${name}_tests)
  add_test(NAME unit.${name} COMMAND ${name}_tests --gtest_brief=1)
  set(labels unit)
  if(UNIT_THREADED)
    list(APPEND labels tsan)
  endif()
  set(hang 120)
  if(SAMPAN_SANITIZE OR SAMPAN_COVERAGE)
    set(hang 900)
  endif()
  set_tests_properties(unit.${name} PROPERTIES LABELS "${labels}" TIMEOUT ${hang})
endfunction()
