// SPDX-License-Identifier: Apache-2.0
// One face for three browsers, as small as the tests allow.

export interface Page {
  goto(url: string): Promise<void>;
  /** Runs a function in the page, which sees nothing of the test but its JSON argument, and answers its JSON value. */
  run<Value, Argument>(work: (argument: Argument) => Value | Promise<Value>, argument: Argument): Promise<Value>;
  run<Value>(work: () => Value | Promise<Value>): Promise<Value>;
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface Browser {
  version: string;
  open(): Promise<Page>;
  close(): Promise<void>;
}

export interface BrowserOptions {
  /** Size of the page, in CSS pixels. */
  width?: number;
  height?: number;
}

/** The text of an expression that does what Page.run promises; its value is a promise of JSON. */
export function expressionOf(work: (argument: never) => unknown, argument: unknown): string {
  return `(async () => {
    try { return JSON.stringify({ value: await (${work})(${JSON.stringify(argument) ?? ''}) }); }
    catch (error) { return JSON.stringify({ error: String(error), stack: error?.stack, code: error?.code }); }
  })()`;
}

export function valueOf<Value>(json: string): Value {
  const outcome = JSON.parse(json) as { value: Value } | { error: string; stack?: string };
  if ('error' in outcome) throw new Error(`in the page: ${outcome.error}\n${outcome.stack ?? ''}`);
  return outcome.value;
}
