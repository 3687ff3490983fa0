// SPDX-License-Identifier: Apache-2.0
'use client';
// A client component: rendered on the server, where importing the package does nothing, then run in the browser.
import { useEffect } from 'react';
import 'needle-router';

export default function Page() {
  useEffect(() => void import('../app.js'), []);
  return <p>rendered</p>;
}
