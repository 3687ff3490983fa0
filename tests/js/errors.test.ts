// SPDX-License-Identifier: Apache-2.0
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { makeError, ModelLoadError, NeedleError } from '../../js/protocol/errors.js';
import { fromWireError, toWireError } from '../../js/protocol/wire-error.js';

describe('NeedleError', () => {
  test('crosses a structured clone with class, code, path and stack', () => {
    const error = makeError('invalid_model', 'no', { path: 'model' });
    const back = fromWireError(structuredClone(toWireError(error)));
    expect(back).toBeInstanceOf(ModelLoadError);
    expect(back).toMatchObject({ name: 'ModelLoadError', code: 'invalid_model', path: 'model', message: 'no', stack: error.stack });
  });

  test('is told by its marker, so that two copies of the package agree', () => {
    const foreign = { [Symbol.for('needle-router.error')]: true };
    expect(NeedleError.isInstance(foreign)).toBe(true);
    expect(NeedleError.isInstance(new Error('x'))).toBe(false);
  });

  test('keeps its name in an app that is minified', async () => {
    const { outputFiles } = await build({ entryPoints: ['js/protocol/errors.ts'], bundle: true, minify: true, format: 'esm', write: false });
    const minified = (await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]!.text)}`)) as { makeError: typeof makeError };
    const names = (['invalid_argument', 'invalid_schema', 'invalid_model', 'aborted', 'engine_crashed', 'truncated'] as const).map((code) => minified.makeError(code, 'no').name);
    expect(names).toEqual(['InvalidArgumentError', 'SchemaError', 'ModelLoadError', 'AbortedError', 'EngineCrashedError', 'NeedleError']);
  });

  test('what is thrown without being one of ours crosses as internal', () => {
    expect(fromWireError(toWireError(new TypeError('x')))).toMatchObject({ code: 'internal', message: 'x' });
    expect(fromWireError(toWireError('text'))).toMatchObject({ code: 'internal', message: 'text' });
  });
});
