// SPDX-License-Identifier: Apache-2.0
// The suite of behaviours in Chromium's service workers: a page's, and a Manifest V3 extension's. Both import
// 'needle-router/inline' as it is installed, unbundled, under the policies that hold there.
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { findBrowsers } from '../../browser/find-browsers.mjs';
import { hasModel } from '../../e2e/built.js';
import type { Report } from '../../e2e/behaviours.js';
import { describeReport } from '../../e2e/suite.js';
import { installPackages, type Installed } from '../../package/installed.js';
import { bundleGuest, manifest, modelFile, serveFolder, type FolderHost } from '../setting.js';

const chromiumPath = findBrowsers().chromium as string | undefined;
let installed: Installed;
let extension: string;
let host: FolderHost;
let context: BrowserContext;

/** An extension of three things: its manifest, the package, the model. */
function writeExtension(guest: string): string {
  const folder = join(installed.folder, 'extension');
  mkdirSync(folder);
  cpSync(join(installed.folder, 'node_modules/needle-router'), join(folder, 'needle-router'), { recursive: true });
  copyFileSync(guest, join(folder, 'background.js'));
  copyFileSync(modelFile, join(folder, 'model.bin'));
  const background = { service_worker: 'background.js', type: 'module' };
  const content_security_policy = { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ manifest_version: 3, name: 'needle-router under test', version: '1', background, content_security_policy }));
  return folder;
}

describe.skipIf(!hasModel || !chromiumPath)('Chromium', () => {
  beforeAll(async () => {
    installed = installPackages();
    const guest = await bundleGuest('service-worker', installed.folder, {}, { 'needle-router/inline': '/needle-router/dist/entry/inline.js' });
    extension = writeExtension(guest);
    writeFileSync(join(extension, 'index.html'), '<!doctype html><title>needle-router under test</title>');
    host = await serveFolder(extension);
    context = await chromium.launchPersistentContext('', {
      executablePath: chromiumPath!,
      ignoreDefaultArgs: ['--disable-extensions'],
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run', '--disable-sync', `--disable-extensions-except=${extension}`, `--load-extension=${extension}`],
    });
  }, 300_000);
  afterAll(async () => {
    await context.close();
    host.close();
    installed.remove();
  });

  const asked = (base: string) => ({ modelUrl: `${base}/model.bin`, sha256: manifest.sha256 });

  describe("a page's service worker", () => {
    async function ask(): Promise<Report> {
      const page = await context.newPage();
      await page.goto(`${host.url}/index.html`);
      return page.evaluate(async (message) => {
        await navigator.serviceWorker.register('/background.js', { type: 'module' });
        const { active } = await navigator.serviceWorker.ready;
        return new Promise<never>((resolve) => {
          navigator.serviceWorker.onmessage = ({ data }) => resolve(data as never);
          navigator.serviceWorker.startMessages();
          active!.postMessage(message);
        });
      }, asked(host.url));
    }
    describeReport(ask, 'simd');
  });

  describe("a Manifest V3 extension's service worker", () => {
    async function ask(): Promise<Report> {
      const isOurs = (url: string) => url.startsWith('chrome-extension://');
      const worker = context.serviceWorkers().find((each) => isOurs(each.url()))
        ?? (await context.waitForEvent('serviceworker', { predicate: (each) => isOurs(each.url()), timeout: 60_000 }));
      const ask = (message: object) => (globalThis as unknown as { askForReport(asked: object): Promise<never> }).askForReport(message);
      return worker.evaluate(ask, asked(worker.url().replace(/\/[^/]*$/, '')));
    }
    describeReport(ask, 'simd');
  });
});
