// Image -> boot report: boots an image under each firmware, hears the guest's verdict and writes the reports.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeDocument } from '../lib/documents.ts';
import { UserError } from '../lib/errors.ts';
import type { StepHandle } from '../lib/events.ts';
import type { WorkerTools } from '../lib/namespace.ts';
import { type AcceleratorChoice, probeAccelerator } from './accelerator.ts';
import { type BootPolicy, strictPolicy } from './base-checks.ts';
import { bootJournal } from './boot-journal.ts';
import { bootPage } from './boot-page.ts';
import { bootPhase, loaderSpokeAtMs } from './boot-phase.ts';
import { type BootReport, type BootResult, judgeBoot, type ObservedBoot } from './boot-report.ts';
import { bootFailure, failedPhase } from './boot-watch.ts';
import { assertImageThere } from './disk-files.ts';
import { bootWithArguments } from './kernel-arguments.ts';
import type { Accelerator, Firmware } from './machine.ts';
import type { MachineFile } from './machine-file.ts';
import { type Machine, machineDefaults, startMachine } from './machine-run.ts';
import { junitXml, tap } from './report-files.ts';
import { failedScreen } from './screen.ts';
import { sshSilence } from './ssh-answer.ts';
import { type DenylistEntry, remainingFindings } from './suite/denylist.ts';
import { bootTimes, type GuestVerdict } from './verdict.ts';

export interface TestImageOptions {
  readonly image: string;
  readonly firmwares: readonly Firmware[];
  /** Receives boot.json, junit.xml, boot.tap, report.html and console, journal and screenshot of each firmware. */
  readonly outputDir: string;
  readonly accelerator: AcceleratorChoice;
  /** For each boot. */
  readonly timeoutMs: number;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly policy?: BootPolicy;
  /** Findings that are known and excused for now. */
  readonly denylist?: readonly DenylistEntry[];
  /** What else the machine has. */
  readonly machine?: Omit<MachineFile, 'firmware' | 'memoryMiB' | 'cpus'>;
}

export const testImageDefaults = {
  firmwares: ['bios', 'uefi'],
  accelerator: 'auto',
  timeoutMs: 300_000,
  memoryMiB: machineDefaults.memoryMiB,
  cpus: machineDefaults.cpus,
} as const satisfies Partial<TestImageOptions>;

/**
 * Boots the image under each firmware, one after the other, and writes the reports whatever the verdict.
 * @throws UserError when the image or QEMU is missing; a boot that fails is a report, not an error.
 */
export async function testImage(options: TestImageOptions, tools: WorkerTools): Promise<BootReport> {
  const image = resolve(options.image);
  await assertImageThere(image); // before a folder for reports is made
  const { accelerator, reason } = await probeAccelerator(options.accelerator, tools);
  await mkdir(options.outputDir, { recursive: true });
  const boots: BootResult[] = [];
  for (const firmware of options.firmwares) {
    const boot = await tools.events.step(`Boot under ${firmware} (${accelerator})`, (step) =>
      testBoot(firmware, accelerator, { ...options, image }, step, tools),
    );
    boots.push(boot);
  }
  const report: BootReport = {
    kind: 'boot-report',
    version: 1,
    image,
    passed: boots.every((boot) => boot.passed),
    accelerator: { accelerator, reason },
    boots,
  };
  await writeDocument(join(options.outputDir, 'boot.json'), report);
  await writeFile(join(options.outputDir, 'junit.xml'), junitXml(report));
  await writeFile(join(options.outputDir, 'boot.tap'), tap(report));
  const [logs, pictures] = await Promise.all([
    logsOf(report, options.outputDir),
    picturesOf(report, options.outputDir),
  ]);
  await writeFile(join(options.outputDir, 'report.html'), bootPage(report, logs, pictures));
  return report;
}

async function testBoot(
  firmware: Firmware,
  accelerator: Accelerator,
  options: TestImageOptions,
  step: StepHandle,
  tools: WorkerTools,
): Promise<BootResult> {
  const consoleName = `console-${firmware}.log`;
  const journalName = `journal-${firmware}.txt`;
  const { image, memoryMiB, cpus, policy = strictPolicy, denylist = [] } = options;
  const consoleFile = join(options.outputDir, consoleName);
  const { stuckAfterSeconds } = policy;
  const machine = await startMachine(
    {
      ...machineDefaults,
      ...options.machine,
      ...{ image, firmware, accelerator, memoryMiB, cpus, stuckAfterSeconds, consoleFile },
    },
    tools,
  );
  try {
    const { verdict, failure, phase } = await bootToVerdict(machine, options);
    const journal = await bootJournal(machine);
    if (journal !== null) await writeFile(join(options.outputDir, journalName), journal);
    const lines = machine.console.lines();
    const observed: ObservedBoot = {
      firmware,
      phase,
      verdict,
      failure,
      ...(verdict !== null && policy.ssh ? { sshSilence: await sshSilence(await machine.forward(22)) } : {}),
      consoleLines: lines.map((line) => line.text),
      times: verdict === null ? null : timesOf(machine, verdict),
      durationMs: Math.round(performance.now() - machine.currentBoot().poweredOnAtMs),
      console: consoleName,
      journal: journal === null ? null : journalName,
    };
    const result = judgeBoot(observed, policy, (findings) => remainingFindings(denylist, findings));
    step.detail(result.passed ? 'passed' : 'failed');
    if (result.passed) return result;
    step.failed();
    return { ...result, screenshot: await failedScreen(machine, options.outputDir, `screenshot-${firmware}.png`) };
  } finally {
    await machine.stop();
  }
}

/** With kernel arguments the second boot is the one that counts. */
async function bootToVerdict(
  machine: Machine,
  { timeoutMs, machine: file }: TestImageOptions,
): Promise<Pick<ObservedBoot, 'verdict' | 'failure' | 'phase'>> {
  const outcome = await machine.watchBoot({ timeoutMs, tolerate: false });
  if (outcome.type !== 'verdict') {
    return { verdict: null, failure: bootFailure(machine, outcome).message, phase: failedPhase(machine, outcome) };
  }
  const booted = { failure: '', phase: 'userspace' } as const;
  if (file?.kernelArguments === undefined) return { ...booted, verdict: outcome.verdict };
  try {
    return { ...booted, verdict: await bootWithArguments(machine, file.kernelArguments, timeoutMs) };
  } catch (error) {
    if (!(error instanceof UserError && error.code === 'boot-failed')) throw error;
    const lines = machine.console.lines().slice(machine.currentBoot().consoleLine);
    return { verdict: null, failure: error.message, phase: bootPhase(lines) };
  }
}

function timesOf(machine: Machine, verdict: GuestVerdict): ReturnType<typeof bootTimes> {
  const start = machine.currentBoot();
  return bootTimes(verdict, start.poweredOnAtMs, loaderSpokeAtMs(machine.console.lines().slice(start.consoleLine)));
}

async function logsOf({ boots }: BootReport, folder: string): Promise<Map<string, string>> {
  const names = boots.flatMap(({ console, journal }) => (journal === null ? [console] : [console, journal]));
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

async function picturesOf({ boots }: BootReport, folder: string): Promise<Map<string, Buffer>> {
  const names = boots.flatMap(({ screenshot }) => (screenshot === null ? [] : [screenshot]));
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}
