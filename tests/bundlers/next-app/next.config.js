// SPDX-License-Identifier: Apache-2.0
const headers = [{ key: 'cross-origin-opener-policy', value: 'same-origin' }, { key: 'cross-origin-embedder-policy', value: 'require-corp' }];
export default { headers: async () => [{ source: '/:path*', headers }] };
