// SPDX-License-Identifier: Apache-2.0
// Runs in: service worker
// Keeps the page's own files, so that it opens without a network; the weights are kept by the package itself, in its
// own cache. Registered as `sw.js?isolate` it also adds the headers that make the page cross-origin isolated, on hosts
// that cannot send them. vite.config.ts fills in the files and their version.
declare const self: ServiceWorkerGlobalScope;
declare const PAGE_FILES: string[];
declare const PAGE_VERSION: string;

const prefix = `needle-router-demo:${self.registration.scope}:`;
const cacheName = prefix + PAGE_VERSION;
const isIsolating = new URL(self.location.href).searchParams.has('isolate');

self.addEventListener('install', (event) => {
  // Past the HTTP cache: the files of one version must come from one version.
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(PAGE_FILES.map((path) => new Request(new URL(path, self.registration.scope), { cache: 'no-cache' })))));
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith(prefix) && name !== cacheName) await caches.delete(name);
    await self.clients.claim();
  })());
});

// A new version waits until the last page of the old one is closed, unless the page asks for it.
self.addEventListener('message', ({ data }) => {
  if (data === 'take over') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  event.respondWith(answer(request, url));
});

async function answer(request: Request, url: URL): Promise<Response> {
  const isPage = request.mode === 'navigate' && (url.pathname === new URL(self.registration.scope).pathname || url.pathname.endsWith('/index.html'));
  const cache = await caches.open(cacheName);
  const kept = await cache.match(isPage ? new URL('index.html', self.registration.scope) : request, { ignoreSearch: isPage });
  const response = kept ?? (await fetch(request));
  return isIsolating ? isolated(response) : response;
}

function isolated(response: Response): Response {
  if (response.type === 'opaque' || response.type === 'opaqueredirect' || response.type === 'error') return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  const { status, statusText } = response;
  const hasBody = ![204, 205, 304].includes(status);
  return new Response(hasBody ? response.body : null, { status, statusText, headers });
}

export {};
