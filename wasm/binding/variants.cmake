# SPDX-License-Identifier: Apache-2.0
# The WebAssembly builds, one function for all of them: needle_add_variant(simd | simd-mt | relaxed | relaxed-mt).
# The variant's name says all that differs: `relaxed` adds the relaxed-SIMD dot product, `-mt` adds threads. Output goes
# to js/generated, where js/loading names each file literally; js/set-up.mjs minifies the glue for the package.

# One glue and its .wasm: `target` of the objects of `variant`, for the places of `environment`.
function(needle_link target variant flags environment)
  add_executable(${target} $<TARGET_OBJECTS:needle-fast-${variant}> $<TARGET_OBJECTS:needle-small-${variant}>)
  # The file that a thread runs is served as it is, and not every host knows .mjs.
  set(suffix .mjs)
  if(target MATCHES "-mt$")
    set(suffix .js)
  endif()
  set_target_properties(${target} PROPERTIES SUFFIX ${suffix} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_SOURCE_DIR}/js/generated)
  target_link_options(${target} PRIVATE ${flags} -O3 -fno-exceptions -fno-rtti -lembind
    -sMODULARIZE=1 -sEXPORT_ES6=1 -sEXPORT_NAME=createNeedle
    -sENVIRONMENT=${environment}
    -sFILESYSTEM=0                                  # no file is ever opened: drops 60 kB of glue
    -sDYNAMIC_EXECUTION=0                           # no eval, no new Function: works under a strict CSP
    -sTEXTDECODER=1
    -sSTACK_SIZE=1MB
    -sABORTING_MALLOC=0                             # it would trap inside the allocator, whose lock other threads wait for
    -sINCOMING_MODULE_JS_API=[instantiateWasm,threads,mainScriptUrlOrBlob,printErr]
    # The last optimiser must not merge what wasm/base/noinline.h keeps apart either.
    -sBINARYEN_EXTRA_PASSES=--one-caller-inline-max-function-size=100)
  if(NOT environment STREQUAL "node")
    # js/loading says where each file is, in a form that every bundler reads; the glue's own form is not one that Vite does.
    target_link_options(${target} PRIVATE -sUSE_ES6_IMPORT_META=0)
  endif()
  if(variant MATCHES "-mt$")
    # Shared memory that grows crashes iOS and slows every view, so its size is fixed. `threads` is how many are started
    # beside the caller's; one more that is asked for does not start, instead of being waited for in vain.
    target_link_options(${target} PRIVATE -sINITIAL_MEMORY=128MB "SHELL:-sPTHREAD_POOL_SIZE=Module.threads"
      -sPTHREAD_POOL_SIZE_STRICT=2 -sDEFAULT_PTHREAD_STACK_SIZE=512KB)
  else()
    target_link_options(${target} PRIVATE -sALLOW_MEMORY_GROWTH=1 -sINITIAL_MEMORY=32MB -sMAXIMUM_MEMORY=512MB)
  endif()
endfunction()

function(needle_add_variant variant)
  if(NOT variant MATCHES "^(simd|relaxed)(-mt)?$")
    message(FATAL_ERROR "unknown variant '${variant}': simd, simd-mt, relaxed or relaxed-mt")
  endif()
  # Given when compiling and when linking. Every engine with SIMD has memory.fill and memory.copy.
  set(flags -flto -msimd128 -mbulk-memory)
  if(variant MATCHES "^relaxed")
    list(APPEND flags -mrelaxed-simd)
  endif()
  if(variant MATCHES "-mt$")
    list(APPEND flags -pthread)
  endif()
  # Time is spent in two folders; the others are bytes to fetch and compile first of all.
  set(fast ${NEEDLE_SOURCES})
  list(FILTER fast INCLUDE REGEX "/wasm/(kernels|model)/")
  set(small ${NEEDLE_SOURCES} ${CMAKE_SOURCE_DIR}/wasm/binding/embind.cc ${CMAKE_SOURCE_DIR}/wasm/binding/out_of_memory.cc)
  list(FILTER small EXCLUDE REGEX "/wasm/(kernels|model)/")
  add_library(needle-fast-${variant} OBJECT ${fast})
  add_library(needle-small-${variant} OBJECT ${small} ${NEEDLE_SIMDJSON}/simdjson.cpp)
  set_source_files_properties(${NEEDLE_SIMDJSON}/simdjson.cpp PROPERTIES COMPILE_OPTIONS -w SKIP_PRECOMPILE_HEADERS ON)
  target_compile_options(needle-small-${variant} PRIVATE -Oz)
  # Sixty small files, four times: parsing the library's headers would be most of the build. The native build goes
  # without, so that no file gets to rely on it.
  target_precompile_headers(needle-small-${variant} PRIVATE
    <algorithm> <cstdint> <map> <memory> <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <vector>)
  foreach(objects needle-fast-${variant} needle-small-${variant})
    target_link_libraries(${objects} PRIVATE needle_options)
    target_compile_options(${objects} PRIVATE ${flags})
    # Embind asks for type names only to word its errors; without RTTI there are none.
    target_compile_definitions(${objects} PRIVATE EMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)
  endforeach()

  # js/loading compiles the .wasm and hands it over, so the glue needs nothing of where it runs, and bundlers meet no
  # import of Node's modules in it. Threads are started by the glue itself, in Node by other means: one more glue, for
  # the same .wasm.
  if(variant MATCHES "-mt$")
    needle_link(needle-${variant} ${variant} "${flags}" web,worker)
  else()
    needle_link(needle-${variant} ${variant} "${flags}" web)
  endif()
  if(variant STREQUAL "simd-mt")
    needle_link(needle-simd-mt-node simd-mt "${flags}" node)
  endif()
  if(variant STREQUAL "simd")
    # Declarations come from the linked baseline, which every Node runs; all variants have the same interface.
    target_link_options(needle-simd PRIVATE --emit-tsd needle.d.ts)
  endif()
endfunction()
