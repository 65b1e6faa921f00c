// KVM is probed, never assumed: a machine can show /dev/kvm and still hang or abort every guest. A tiny real guest is booted once
// with a short limit; the verdict is remembered for this kernel, QEMU and CPU.

import { constants } from 'node:fs';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '../lib/cache.ts';
import { type DocumentHeader, readDocument, stepId, writeDocument } from '../lib/documents.ts';
import { Cancelled, ToolError, UserError } from '../lib/errors.ts';
import type { WorkerTools } from '../lib/namespace.ts';
import { run } from '../lib/run.ts';
import { bootSectorDisk, bootSectorExitStatus, bootSectorGreeting, debugExitPort } from './boot-sector.ts';
import { type Accelerator, acceleratorArguments } from './machine.ts';
import { qemuVersion } from './requirements.ts';

/** The remembered verdict, one file for each kernel, QEMU and CPU. */
export interface AcceleratorVerdict extends DocumentHeader {
  readonly kind: 'accelerator-verdict';
  readonly version: 1;
  readonly accelerator: Accelerator;
  /** Why KVM is not used, as words behind "KVM"; empty when it is. */
  readonly reason: string;
}

export type AcceleratorChoice = 'auto' | Accelerator;

/** The tiny guest needs about 0.5 s even under TCG on a slow machine; a KVM that works needs 0.3 s. */
const probeLimitMs = 5_000;

const probeCpus = 2;

/** `--accel` wins, then `$SLIPWAY_ACCEL`, then the probe. @throws UserError `accel-unknown` for another word. */
export function chosenAccelerator(
  option: string | undefined,
  environment = process.env.SLIPWAY_ACCEL,
): AcceleratorChoice {
  const word = option ?? environment ?? 'auto';
  if (word === 'auto' || word === 'kvm' || word === 'tcg') return word;
  throw new UserError('accel-unknown', `there is no accelerator "${word}"`, { hint: 'use auto, kvm or tcg' });
}

/** Decides which accelerator machines use; `auto` probes KVM once and remembers the verdict under the cache folder. */
export async function probeAccelerator(choice: AcceleratorChoice, tools: WorkerTools): Promise<AcceleratorVerdict> {
  if (choice !== 'auto') return verdict(choice, '');
  if (!(await kvmDeviceUsable())) return verdict('tcg', 'is not here: /dev/kvm cannot be opened');
  const key = stepId('accelerator', [release(), await qemuVersion(tools.signal), cpus()[0]?.model ?? '', probeLimitMs]);
  const file = join(cacheDirectory(), 'accelerator', `${key}.json`);
  const remembered = await readDocument<AcceleratorVerdict>(file, 'accelerator-verdict', 1).catch(() => undefined);
  if (remembered !== undefined) return remembered;
  return await tools.events.step('Probe KVM with a tiny guest', async (step) => {
    const reason = await bootTinyGuest('kvm', tools.signal);
    const fresh = reason === '' ? verdict('kvm', '') : verdict('tcg', reason);
    step.detail(reason === '' ? 'KVM works' : `KVM ${reason}: TCG is used`);
    await writeDocument(file, fresh);
    return fresh;
  });
}

/** Arguments of the tiny guest: the accelerator and CPU model of real machines, and nothing else that could fail. */
export function tinyGuestArgv(accelerator: Accelerator, disk: string, serialFile: string): string[] {
  return [
    'qemu-system-x86_64',
    '-nodefaults',
    '-no-user-config',
    ...['-display', 'none'],
    ...['-machine', 'q35'],
    ...acceleratorArguments(accelerator, probeCpus),
    ...['-smp', String(probeCpus)],
    ...['-m', '64'],
    ...['-drive', `if=none,id=disk,format=raw,readonly=on,file=${disk}`],
    ...['-device', 'virtio-blk-pci,drive=disk'],
    ...['-serial', `file:${serialFile}`],
    ...['-device', `isa-debug-exit,iobase=${debugExitPort},iosize=1`],
  ];
}

/** Boots the tiny guest. Returns '' when it ran to its end, else why not ("hangs an ordinary guest", "aborts: …"). */
export async function bootTinyGuest(accelerator: Accelerator, signal: AbortSignal): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-probe-'));
  const startedAt = performance.now();
  try {
    const disk = join(folder, 'disk.raw');
    const serial = join(folder, 'serial');
    await writeFile(disk, bootSectorDisk());
    await run(['setpriv', '--pdeathsig', 'KILL', ...tinyGuestArgv(accelerator, disk, serial)], {
      signal,
      timeoutMs: probeLimitMs,
      okExitCodes: [bootSectorExitStatus],
    });
    return (await readFile(serial, 'utf8')) === bootSectorGreeting ? '' : 'runs a guest but loses its serial output';
  } catch (error) {
    if (error instanceof Cancelled || !(error instanceof ToolError)) throw error;
    if (performance.now() - startedAt >= probeLimitMs) return 'hangs an ordinary guest';
    return `aborts: ${error.output.split('\n')[0] ?? `status ${error.exitCode}`}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function verdict(accelerator: Accelerator, reason: string): AcceleratorVerdict {
  return { kind: 'accelerator-verdict', version: 1, accelerator, reason };
}

async function kvmDeviceUsable(): Promise<boolean> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
