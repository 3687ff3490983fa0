// SPDX-License-Identifier: Apache-2.0
import { ToolRouter } from '../dist/entry/browser.js';
import { url as modelUrl, sha256 } from '../models/index.js'; // by its path: the policy allows no import map

const post = (value) => fetch('/strict-result', { method: 'POST', body: JSON.stringify(value) });
try {
  const { requests, tools } = await (await fetch('/strict-requests')).json();
  const router = await ToolRouter.load({ modelUrl, sha256 });
  const results = [];
  for (const request of requests) results.push(await router.route(request, tools));
  await post({ variant: router.variant, results });
} catch (error) {
  await post({ error: String(error), stack: error?.stack });
}
