// What a machine must allow besides having the tools: one function a check.

import { mkdir, readFile, statfs } from 'node:fs/promises';
import { assertGrubInstalled } from '../../images/grub.ts';
import { cacheDirectory } from '../../lib/cache.ts';
import { ToolError, UserError } from '../../lib/errors.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { probeAccelerator } from '../../qemu/accelerator.ts';
import { findUefiFirmware } from '../../qemu/firmware.ts';
import { requireQemu } from '../../qemu/requirements.ts';
import { formatBytes } from '../format.ts';

export interface Check {
  readonly name: string;
  /** `slow` works, with a cost that the detail names. */
  readonly state: 'ok' | 'slow' | 'bad';
  readonly detail: string;
}

const roomNeededBytes = 4 * 1024 ** 3;

export async function checkMachine(tools: WorkerTools): Promise<Check[]> {
  return [
    nodeVersion(process.versions.node),
    ...(await Promise.all([
      userNamespaces(tools.signal),
      bootLoaders(),
      qemuVersion(tools.signal),
      uefiFirmware(),
      kvm(tools),
      diskRoom(),
    ])),
  ];
}

function nodeVersion(version: string): Check {
  const isNew = Number(version.split('.')[0]) >= 24;
  return {
    name: 'Node',
    state: isNew ? 'ok' : 'bad',
    detail: `${version}${isNew ? '' : '; Slipway needs 24 or newer'}`,
  };
}

async function userNamespaces(signal: AbortSignal): Promise<Check> {
  const name = 'user namespaces';
  const mapping = process.getuid?.() === 0 ? ['--map-root-user'] : ['--map-auto', '--map-root-user'];
  const argv = ['unshare', '--user', ...mapping, '--mount', '--pid', '--fork', '--mount-proc', 'true'];
  try {
    const { exitCode, stderr } = await run(argv, { signal, timeoutMs: 10_000, okExitCodes: [0, 1] });
    if (exitCode === 0) return { name, state: 'ok', detail: 'allowed' };
    return { name, state: 'bad', detail: `not allowed: ${stderr.trim()}` };
  } catch (error) {
    signal.throwIfAborted();
    return { name, state: 'bad', detail: (error as Error).message };
  }
}

async function bootLoaders(): Promise<Check> {
  return present('GRUB', assertGrubInstalled(), 'modules for BIOS and UEFI');
}

async function qemuVersion(signal: AbortSignal): Promise<Check> {
  return present('QEMU', requireQemu(signal), 'new enough for machines');
}

async function uefiFirmware(): Promise<Check> {
  const found = Promise.all([findUefiFirmware('uefi'), findUefiFirmware('uefi-secure')]);
  return present('UEFI firmware', found, 'with and without Secure Boot');
}

async function present(name: string, found: Promise<unknown>, detail: string): Promise<Check> {
  try {
    await found;
    return { name, state: 'ok', detail };
  } catch (error) {
    if (error instanceof UserError) return { name, state: 'bad', detail: `${error.message}; ${error.hint}` };
    if (error instanceof ToolError) return { name, state: 'bad', detail: error.message };
    throw error;
  }
}

/** A device that is there may still hang every guest: the verdict of the tiny guest counts (qemu/accelerator.ts). */
async function kvm(tools: WorkerTools): Promise<Check> {
  const name = 'KVM';
  const slower = "guests run under QEMU's own translator, about ten times slower";
  try {
    const { accelerator, reason } = await probeAccelerator('auto', tools);
    if (accelerator === 'kvm') return { name, state: 'ok', detail: 'ran a tiny guest' };
    return { name, state: 'slow', detail: `${reason}: ${slower}` };
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ToolError)) throw error;
    return { name, state: 'slow', detail: `cannot be tried: ${error.message}` }; // no QEMU, which has a check of its own
  }
}

async function diskRoom(): Promise<Check> {
  const folder = cacheDirectory();
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const memory = /MemAvailable:\s+(\d+) kB/.exec(await readFile('/proc/meminfo', 'utf8'))?.[1] ?? '0';
  const detail = `${formatBytes(bavail * bsize)} free in ${folder}, ${formatBytes(Number(memory) * 1024)} of memory available`;
  return { name: 'room', state: bavail * bsize >= roomNeededBytes ? 'ok' : 'bad', detail };
}
