// SPDX-License-Identifier: Apache-2.0
// On the server: the engine in a worker thread of Node.
import { ToolRouter } from 'needle-router';
import { tools } from '../../../tools.js';

export const dynamic = 'force-dynamic';

export async function GET() {
  const router = await ToolRouter.load();
  const { type, calls } = await router.route('dim the kitchen to 30%', tools);
  await router.dispose();
  return Response.json({ type, calls });
}
