// Runs a command and measures it: wall time, and the peak memory of the Node processes that belong to it.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface Measurement {
  readonly seconds: number;
  /** The largest resident set that any one Node process of the command had, in bytes; 0 without Node. */
  readonly peakNodeBytes: number;
}

const pollMs = 50;

if (!existsSync(`/proc/self/task/${process.pid}/children`)) {
  throw new Error(
    'this kernel does not tell children of processes (CONFIG_PROC_CHILDREN), so memory cannot be measured',
  );
}

/** @throws Error with the last output when the command fails */
export async function measure(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<Measurement> {
  const [program, ...args] = argv;
  execFileSync('sync'); // what is written for the command before shall not slow this one down
  const startedAt = performance.now();
  const child = spawn(program!, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000);
    });
  }
  let peakNodeBytes = 0;
  const timer = setInterval(() => {
    peakNodeBytes = Math.max(peakNodeBytes, ...descendants(child.pid!).map(nodePeakBytes));
  }, pollMs);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (exitCode !== 0) throw new Error(`${argv.join(' ')} ended with status ${exitCode}\n${output}`);
  } finally {
    clearInterval(timer);
  }
  return { seconds: (performance.now() - startedAt) / 1000, peakNodeBytes };
}

/** By proc_pid_task_children(5), which costs a file for each process: a look at all of /proc would take time from what is measured. */
function descendants(root: number): number[] {
  const found = [root];
  for (let index = 0; index < found.length; index++) {
    const pid = found[index]!;
    for (const task of tasksOf(pid)) {
      found.push(...readOrEmpty(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number));
    }
  }
  return found;
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // the process has ended
  }
}

function nodePeakBytes(pid: number): number {
  const status = readOrEmpty(`/proc/${pid}/status`);
  const isNode = /^Name:\s+(node|MainThread)$/m.test(status);
  return isNode ? Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024 : 0;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended
  }
}
