// SPDX-License-Identifier: Apache-2.0
// NEEDLE_NOINLINE: a function that stays one, under link-time optimisation, too. Wasm engines begin with code that was
// compiled in haste, function by function, and compile again in the background what ran for long; a call that is
// running does not change over. So a function must be as small as its hot loop: merged into a caller that runs once, a
// loop is slow to its end, and the whole caller is compiled for nothing while the kernels wait behind it. And a kernel
// that is merged into a caller that is optimised for size is so, too.
#pragma once

#define NEEDLE_NOINLINE __attribute__((noinline))
