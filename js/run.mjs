// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `npm start` and `npm run needle-router` in a checkout: sets up what is missing, then hands over to the same command
// line that the package installs. A plain script, because it runs before anything is installed.
import { setUpOrExplain } from './set-up.mjs';

// With --json the caller reads both streams: set-up is then silent unless a person is watching, or it fails.
const quiet = process.argv.includes('--json') && !process.stderr.isTTY;
if (await setUpOrExplain({ quiet })) await import('../dist/cli/main.js');
else process.exitCode = 1;
