# Compiler settings shared by every target; linked PRIVATE so that they reach no consumer.
find_program(HEIRLOOM_CCACHE ccache)
if(HEIRLOOM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${HEIRLOOM_CCACHE})
endif()

add_library(heirloom_options INTERFACE)
target_compile_features(heirloom_options INTERFACE cxx_std_20)
target_compile_options(heirloom_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  $<$<BOOL:${HEIRLOOM_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # gcc 12 sees overlaps in std::string operator+ that cannot happen (GCC bug 105651)
  -fstack-protector-strong)
target_compile_definitions(heirloom_options INTERFACE
  _GLIBCXX_ASSERTIONS
  $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
target_link_options(heirloom_options INTERFACE -Wl,-z,relro,-z,now)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(HEIRLOOM_MOLD mold)
if(HEIRLOOM_MOLD)
  target_link_options(heirloom_options INTERFACE -fuse-ld=mold)
endif()

if(HEIRLOOM_SANITIZE)
  add_compile_options(-fsanitize=${HEIRLOOM_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${HEIRLOOM_SANITIZE})
endif()
