// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What an EngineHost finds where nothing can be chosen at run time: builds that the entry imported, and no worker.
import { fetchWasm, compiledBy } from '../loading/compile-wasm.js';
import { readModel, type ReadModelOptions } from '../loading/read-model.js';
import { startEngine, type CreateModule } from '../loading/start-engine.js';
import { makeError } from '../protocol/errors.js';
import type { Variant } from '../protocol/messages.js';
import type { HostEnvironment } from './engine-host.js';

export interface StaticBuild {
  create: CreateModule;
  /** Compiled already, or where it is fetched from; none: only what the caller gives. */
  wasm?: WebAssembly.Module | (() => URL);
}

export interface StaticParts {
  /** By variant, the one to prefer first. */
  builds: Partial<Record<Variant, StaticBuild>>;
  yieldTurn: HostEnvironment['yieldTurn'];
  sliceMs?: number;
  detectVariants: HostEnvironment['detectVariants'];
  read?: ReadModelOptions;
  maxCacheBytes?: number;
}

export function staticEnvironment({ builds, yieldTurn, sliceMs, detectVariants, read, maxCacheBytes }: StaticParts): HostEnvironment {
  return {
    detectVariants,
    async createEngine(variant, threads, { module, url } = {}) {
      const build = builds[variant];
      if (!build) throw makeError('unsupported_runtime', `there is no ${variant} build here, only ${Object.keys(builds).join(', ')}`, { path: 'options.variant' });
      const given = module ?? url ?? build.wasm;
      if (!given) throw makeError('engine_unreachable', 'import the .wasm of the build and pass it as wasmModule', { path: 'options.wasmModule' });
      const place = typeof given === 'function' ? given() : given;
      const wasm = typeof place === 'string' || place instanceof URL ? await compiledBy(fetchWasm, place) : place;
      return startEngine({ variant, create: build.create, wasm, threads });
    },
    readModel: (source, target) => readModel(source, target, read),
    yieldTurn,
    ...(sliceMs !== undefined && { sliceMs }),
    ...(maxCacheBytes !== undefined && { maxCacheBytes }),
  };
}
