// SPDX-License-Identifier: Apache-2.0
// The packed packages through webpack, Next.js and Parcel: built, and served by their development servers. These are
// hundreds of megabytes and take minutes, so they run in `npm run test:long`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasBrowser } from '../browser/drivers/index.js';
import { hasModel } from '../e2e/built.js';
import { build, call, expectToRoute, freePort, installed, isLong, project, serveFolder, start, timeout } from './setting.js';

describe.skipIf(!isLong || !hasModel || !hasBrowser('chromium'))('webpack, Next.js, Parcel', () => {
  const html = '<!doctype html><title>x</title><script src="./main.js"></script>';
  const webpackScript = (body: string) => `import webpack from '${join(installed, 'webpack/lib/index.js')}';\nconst config = { mode: 'production', entry: './app.js', performance: { hints: false } };\n${body}\n`;

  test('webpack: built without configuration', { timeout }, async () => {
    const folder = project('webpack');
    writeFileSync(join(folder, 'build.js'), webpackScript("webpack(config, (error, stats) => { if (error ?? stats.hasErrors()) throw error ?? new Error(stats.toString()); });"));
    build(['build.js'], folder);
    writeFileSync(join(folder, 'dist/index.html'), html);
    await expectToRoute(`${await serveFolder(join(folder, 'dist'))}/index.html`);
  });

  test('webpack: its development server', { timeout }, async () => {
    const folder = project('webpack-dev');
    const port = await freePort();
    writeFileSync(join(folder, 'index.html'), html);
    writeFileSync(join(folder, 'serve.js'), webpackScript(`import Server from '${join(installed, 'webpack-dev-server/lib/Server.js')}';
await new Server({ host: '127.0.0.1', port: ${port}, static: '.', hot: true, client: { logging: 'none' } }, webpack({ ...config, mode: 'development' })).start();`));
    await expectToRoute(await start(['serve.js'], folder, `http://127.0.0.1:${port}/`));
  });

  test('Next.js: built; a client component and a route handler', { timeout }, async () => {
    const folder = project('next', 'next-app');
    const port = await freePort();
    const next = join(installed, 'next/dist/bin/next');
    build([next, 'build'], folder);
    await expectBothSides(await start([next, 'start', '-H', '127.0.0.1', '-p', String(port)], folder, `http://127.0.0.1:${port}/`));
  });

  test('Next.js: its development server', { timeout }, async () => {
    const folder = project('next-dev', 'next-app');
    const port = await freePort();
    await expectBothSides(await start([join(installed, 'next/dist/bin/next'), 'dev', '-H', '127.0.0.1', '-p', String(port)], folder, `http://127.0.0.1:${port}/`));
  });

  test('Parcel: built without configuration', { timeout }, async () => {
    const folder = project('parcel');
    build([join(installed, 'parcel/lib/bin.js'), 'build', 'index.html', '--no-cache', '--no-source-maps'], folder);
    await expectToRoute(`${await serveFolder(join(folder, 'dist'))}/index.html`);
  });

  test('Parcel: its development server', { timeout }, async () => {
    const folder = project('parcel-dev');
    const port = await freePort();
    await expectToRoute(await start([join(installed, 'parcel/lib/bin.js'), 'serve', 'index.html', '--no-cache', '--host', '127.0.0.1', '--port', String(port)], folder, `http://127.0.0.1:${port}/`));
  });
});

/** The page was rendered on the server and routes in the browser; the route handler routes on the server. */
async function expectBothSides(url: string): Promise<void> {
  expect(await (await fetch(url)).text()).toContain('rendered');
  expect(await (await fetch(`${url}api/route`)).json()).toMatchObject({ type: 'call', calls: [call] });
  await expectToRoute(url);
}
