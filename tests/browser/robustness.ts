// SPDX-License-Identifier: Apache-2.0
// Where and how the engine runs: workers that die, packages from elsewhere, policies, and whom the page talks to.
import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { withoutTimings } from '../e2e/suite.js';
import { asModule, firstCalls, readmeSnippets } from '../package/readme.js';
import { answersInNode, manifest, modelPath, requests, tools, type Setting } from './setting.js';

export function describeRobustness(setting: Setting): void {
  describe('robustness', () => {
    let expected: unknown[];
    beforeAll(async () => void (expected = await answersInNode()));

    test('a killed worker rejects what is pending, and the next call starts a fresh engine', async () => {
      const { codes, results, workers } = await setting.page.run(async ({ requests, tools }) => {
        const workers = watchWorkers();
        const router = await needle.ToolRouter.load();
        const toolset = await router.tools(tools);
        const pending = [toolset.route(requests[0]!), router.route(requests[1]!, tools)];
        workers[0]!.terminate(); // says nothing to anybody, as when the system ends it
        const codes = await Promise.all(pending.map((call) => call.then(() => 'answered', (error: { code: string }) => error.code)));
        const results = [];
        for (const request of requests) results.push(await toolset.route(request));
        return { codes, results, workers: workers.length };
      }, { requests, tools });
      expect(codes).toEqual(['engine_crashed', 'engine_crashed']);
      expect(results.map(withoutTimings)).toEqual(expected);
      expect(workers).toBe(2);
    });

    test('so does an engine that traps', async () => {
      const { codes, next } = await setting.page.run(async ({ requests, tools }) => {
        const router = await needle.ToolRouter.load({ workerUrl: '/pages/trapping-worker.js' });
        const calls = ['please trap', ...requests].map((request) => router.route(request, [...tools, { name: 'please_trap' }]));
        const codes = await Promise.all(calls.map((call) => call.then(() => 'answered', (error: { code: string }) => error.code)));
        return { codes, next: await router.route(requests[0]!, tools) };
      }, { requests, tools });
      expect(new Set(codes)).toContain('engine_crashed');
      expect(withoutTimings(next)).toEqual(expected[0]);
    });

    test('a worker of the caller’s own that does not start is an error', async () => {
      const outcome = await setting.page.run(() => needle.ToolRouter.load({ workerUrl: '/pages/nowhere.js' }).then(() => 'loaded', (error: { code: string }) => error.code));
      expect(outcome).toBe('engine_crashed');
    });

    test('from another origin the engine runs in place, gives the same answers, and lets the page breathe', async () => {
      const { results, turns } = await setting.page.run(async ({ requests, tools, url }) => {
        const { ToolRouter } = await importModule(url);
        const router = await ToolRouter.load();
        const toolset = await router.tools(tools);
        let turns = 0; // that the page gets while it routes
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => port2.postMessage(turns++);
        port2.postMessage(null);
        const results = [];
        for (const request of requests) results.push(await toolset.route(request));
        port1.close();
        return { results, turns };
      }, { requests, tools, url: `${setting.server.otherUrl}/dist/entry/browser.js` });
      expect(results.map(withoutTimings)).toEqual(expected);
      // One after every step of the engine, of which there is one a chosen token; a browser may leave out some messages.
      const steps = results.reduce((sum: number, { tokens }: { tokens: { decoded: number } }) => sum + tokens.decoded, 0);
      expect(turns).toBeGreaterThan(steps / 2);
    });

    test('from another origin it runs in a worker by a file of one line', async () => {
      setting.server.answers.set('/needle-worker.js', (_, response) =>
        void response.writeHead(200, { 'content-type': 'text/javascript' }).end(`import '${setting.server.otherUrl}/dist/host/web-worker-entry.js';`));
      const results = await setting.page.run(async ({ requests, tools, url }) => {
        const { ToolRouter } = await importModule(url);
        const router = await ToolRouter.load({ workerUrl: '/needle-worker.js' });
        return Promise.all(requests.map((request) => router.route(request, tools)));
      }, { requests, tools, url: `${setting.server.otherUrl}/dist/entry/browser.js` });
      expect(results.map(withoutTimings)).toEqual(expected);
      expect(setting.seenOf('/needle-worker.js')).toHaveLength(1);
    });

    // WebKitGTK never isolates a page.
    test.each(setting.name === 'webkit' ? ['/strict'] : ['/strict', '/isolated/strict'])('needs of a policy only wasm-unsafe-eval, and talks to nobody but its host: %s', async (folder) => {
      setting.server.answers.set('/strict-requests', (_, response) => void response.end(JSON.stringify({ requests, tools })));
      await setting.page.goto(`${setting.server.url}${folder}/pages/strict.html`);
      await vi.waitUntil(() => setting.server.posted.has('/strict-result'), 30_000);
      const { variant, results, error } = JSON.parse(setting.server.posted.get('/strict-result')![0]!) as { variant: string; results: { timings: unknown }[]; error?: string };
      expect(error).toBeUndefined();
      expect(results.map(withoutTimings)).toEqual(expected);
      expect(variant.endsWith('-mt')).toBe(folder.startsWith('/isolated'));
      // The policy allows the host alone, for page and workers: whatever else was tried has been reported.
      expect(setting.server.posted.get('/report') ?? []).toEqual([]);
    });

    test('runs every snippet of the README', async () => {
      const html = (code: string) => `<!doctype html><link rel="icon" href="data:,">
        <script>onerror = (error) => post({ error }); onunhandledrejection = ({ reason }) => post({ error: String(reason) });
          const post = (value) => fetch('/readme-result', { method: 'POST', body: JSON.stringify(value) });</script>
        <script type="importmap">{ "imports": { "needle-router": "/dist/entry/browser.js", "needle-router-model": "/models/index.js" } }</script>
        <script type="module">${code}</script>`;
      const given = { modelUrl: modelPath, sha256: manifest.sha256, tools };
      for (const [i, snippet] of readmeSnippets().entries()) {
        const page = html(asModule(snippet, given, (calls) => `await post(${calls});`));
        setting.server.answers.set('/readme.html', (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(page));
        await setting.page.goto(`${setting.server.url}/readme.html?${i}`);
        const result = await vi.waitUntil(() => setting.server.posted.get('/readme-result')?.[i], 30_000);
        if (i === 0) expect(JSON.parse(result)).toMatchObject(firstCalls);
        else expect(result).not.toMatch(/"error"/);
      }
    });

    test('works without a secure context, where nothing can be kept and the platform has no SHA-256', async () => {
      await lookup(hostname());
      await setting.page.goto(`${setting.server.insecureUrl(hostname())}/pages/blank.html`);
      const { isSecure, status, results } = await setting.page.run(async ({ requests, tools }) => {
        while (typeof needle === 'undefined') await new Promise((resolve) => setTimeout(resolve, 10));
        const router = await needle.ToolRouter.load();
        const results = await Promise.all(requests.map((request) => router.route(request, tools)));
        return { isSecure: isSecureContext, status: await needle.ToolRouter.status(), results };
      }, { requests, tools });
      expect({ isSecure, willDownload: status.willDownload }).toEqual({ isSecure: false, willDownload: true });
      expect(results.map(withoutTimings)).toEqual(expected);
    });
  });
}
