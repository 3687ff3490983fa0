// SPDX-License-Identifier: Apache-2.0
// What a preset's calls do when they are carried out: each preset has a stage, and stages know nothing of the router.
import type { RouteResult, Tool } from 'needle-router';

export interface Stage {
  readonly element: HTMLElement;
  /** The calls are carried out; answers what happened, to be read aloud. */
  act(result: RouteResult): string;
  /** Shows what would happen while the request is being typed, without doing it. */
  preview?(result: RouteResult | undefined): void;
  setTools?(tools: readonly Tool[]): void;
  close?(): void;
}
