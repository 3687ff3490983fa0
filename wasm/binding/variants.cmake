# SPDX-License-Identifier: Apache-2.0
# The WebAssembly builds, one function for all of them: needle_add_variant(simd | simd-mt | relaxed | relaxed-mt).
# The variant's name says all that differs: `relaxed` adds the relaxed-SIMD dot product, `-mt` adds threads. Output goes
# to js/generated, where js/loading/module-table.ts names each file literally; nothing edits the glue afterwards.

function(needle_add_variant variant)
  if(NOT variant MATCHES "^(simd|relaxed)(-mt)?$")
    message(FATAL_ERROR "unknown variant '${variant}': simd, simd-mt, relaxed or relaxed-mt")
  endif()
  set(target needle-${variant})
  add_executable(${target}
    ${CMAKE_SOURCE_DIR}/wasm/binding/embind.cc ${NEEDLE_SOURCES} ${NEEDLE_SIMDJSON}/simdjson.cpp)
  set_source_files_properties(${NEEDLE_SIMDJSON}/simdjson.cpp PROPERTIES COMPILE_OPTIONS -w)
  set_target_properties(${target} PROPERTIES SUFFIX ".mjs" RUNTIME_OUTPUT_DIRECTORY ${CMAKE_SOURCE_DIR}/js/generated)
  target_link_libraries(${target} PRIVATE needle_options)

  set(both -flto -msimd128)                         # given when compiling and when linking
  if(variant MATCHES "^relaxed")
    list(APPEND both -mrelaxed-simd)
  endif()
  if(variant MATCHES "-mt$")
    list(APPEND both -pthread)
  endif()
  target_compile_options(${target} PRIVATE ${both})
  # js/loading/builds.ts compiles the .wasm and hands it over, so the glue needs nothing of where it runs, and bundlers
  # meet no import of Node's modules in it. Threads are started by the glue itself, by other means in each place.
  set(environment web)
  if(variant MATCHES "-mt$")
    set(environment web,worker,node)
  endif()
  # Embind asks for type names only to word its errors; without RTTI there are none.
  target_compile_definitions(${target} PRIVATE EMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)

  target_link_options(${target} PRIVATE ${both} -O3 -fno-exceptions -fno-rtti -lembind
    -sMODULARIZE=1 -sEXPORT_ES6=1 -sEXPORT_NAME=createNeedle
    -sENVIRONMENT=${environment}
    -sFILESYSTEM=0                                  # no file is ever opened: drops 60 kB of glue
    -sDYNAMIC_EXECUTION=0                           # no eval, no new Function: works under a strict CSP
    -sTEXTDECODER=1
    -sSTACK_SIZE=1MB
    -sINCOMING_MODULE_JS_API=[instantiateWasm,threads])
  if(variant MATCHES "-mt$")
    # Shared memory that grows crashes iOS and slows every view, so its size is fixed.
    target_link_options(${target} PRIVATE -sINITIAL_MEMORY=128MB "SHELL:-sPTHREAD_POOL_SIZE=Module.threads??2")
  else()
    target_link_options(${target} PRIVATE -sALLOW_MEMORY_GROWTH=1 -sINITIAL_MEMORY=32MB -sMAXIMUM_MEMORY=512MB)
  endif()
  if(variant STREQUAL "simd")
    # Declarations come from the linked baseline, which every Node runs; all variants have the same interface.
    target_link_options(${target} PRIVATE --emit-tsd needle.d.ts)
  endif()
endfunction()
