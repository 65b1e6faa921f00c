// The machine that a file of boot tests shares: started before its tests, stopped after them, whatever happens.

import type { TestFn } from 'ava';
import { Events } from '../../../lib/events.ts';
import type { WorkerTools } from '../../../lib/namespace.ts';
import { chosenAccelerator, probeAccelerator } from '../../../qemu/accelerator.ts';
import { type Machine, type MachineOptions, machineDefaults, startMachine } from '../../../qemu/machine-run.ts';

/** Generous: a busy machine without KVM needs minutes. What is waited for is an event, so nothing is lost when it is quick. */
export const bootTimeoutMs = 900_000;

export const tools: WorkerTools = { events: new Events(), signal: new AbortController().signal };

/** Starts a machine under BIOS. The caller gives it to `stopAfterwards` at once. */
export async function startTestMachine(
  options: Pick<MachineOptions, 'image'> & Partial<MachineOptions>,
): Promise<Machine> {
  const { accelerator } = await probeAccelerator(chosenAccelerator(undefined), tools);
  return await startMachine({ ...machineDefaults, firmware: 'bios', accelerator, ...options }, tools);
}

/** Stops what `machine` gives after all tests, and tells what the console last said when a test failed. */
export function stopAfterwards(test: TestFn, machine: () => Machine | undefined): void {
  test.afterEach.always('what the console last said', (t) => {
    if (t.passed) return;
    const lines = machine()?.console.lines().slice(-15) ?? [];
    t.log(lines.map((line) => line.text).join('\n'));
  });
  test.after.always('stop the machine', async () => {
    await machine()?.stop();
  });
}

/** Output of a command in the guest, without white space at the ends. */
export async function said(machine: Machine, ...argv: string[]): Promise<string> {
  return (await machine.run(argv, { timeoutMs: bootTimeoutMs })).stdout.trim();
}
