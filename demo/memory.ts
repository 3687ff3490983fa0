// SPDX-License-Identifier: Apache-2.0
// What the page and its worker hold, the engine's memory included. Only Chromium measures that, and only for an
// isolated page; performance.memory leaves the worker out, so it would be a wrong number rather than a rough one.
import { bytes } from './format.js';

interface MeasuringPerformance {
  measureUserAgentSpecificMemory(): Promise<{ bytes: number }>;
}

export async function measureMemory(): Promise<string> {
  if (!('measureUserAgentSpecificMemory' in performance)) return 'not told by this browser';
  if (!crossOriginIsolated) return 'told when isolated';
  try {
    return bytes((await (performance as unknown as MeasuringPerformance).measureUserAgentSpecificMemory()).bytes);
  } catch {
    return 'not told by this browser';
  }
}
