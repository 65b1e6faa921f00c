// AVA tests that each have a host of their own: one boot for the file, frozen; each test in a copy, which is gone after it.

import test, { type TestFn } from 'ava'; // MIT: the test runner; its tests, hooks and assertions are what boot tests are written in
import { Events } from '../../lib/events.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { defaultBootTimeoutMs, type FrozenHost, frozenHost, type HostNeeds } from './frozen-host.ts';
import { type Host, hostOf } from './host.ts';
import { slots } from './slots.ts';

export interface HostContext {
  /** Fresh for each test: as the machine was when its boot had settled. */
  host: Host;
}

const linesShown = 15;

/**
 * AVA's `test`, with `t.context.host` in each test. Call it once in a file. As many tests run beside each other as memory and cores allow.
 * When a test fails, the last lines of its console are logged.
 */
export function bootTest(needs: HostNeeds = {}): TestFn<HostContext> {
  const hostTest = test as TestFn<HostContext>;
  const tools: WorkerTools = { events: new Events(), signal: new AbortController().signal };
  const bootTimeoutMs = needs.bootTimeoutMs ?? defaultBootTimeoutMs;
  let frozen: FrozenHost | undefined;
  let places: ReturnType<typeof slots> | undefined;
  /** Tests that hold a place: the hooks after a test also run when those before it failed. */
  const holding = new Set<HostContext>();

  hostTest.before('boot the host and freeze it', async (t) => {
    t.timeout(bootTimeoutMs * 2);
    frozen = await frozenHost(needs, tools);
    places = slots(frozen.places);
  });
  hostTest.beforeEach('start a host from it', async (t) => {
    t.timeout(bootTimeoutMs * 2);
    await places!.take();
    holding.add(t.context);
    t.context.host = hostOf(await frozen!.start(), bootTimeoutMs);
  });
  hostTest.afterEach.always('stop the host', async (t) => {
    const { host } = t.context;
    try {
      if (!t.passed && host !== undefined) t.log(host.console().slice(-linesShown).join('\n'));
      await host?.stop();
    } finally {
      if (holding.delete(t.context)) places!.give();
    }
  });
  hostTest.after.always('stop the frozen host', () => frozen?.close());
  return hostTest;
}
