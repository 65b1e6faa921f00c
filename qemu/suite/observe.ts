// Watches a machine while a test runs in it: what console, journal and units say is judged piece by piece, each piece once, and the journal is kept.
//
// The pieces of the journal are told apart by journald's cursors, never by a clock: the guest's may lag or jump.

import { appendFile, writeFile } from 'node:fs/promises';
import { checkLines } from '../console-checks.ts';
import type { Machine } from '../machine-run.ts';
import { formatJournal, type GuestVerdict } from '../verdict.ts';
import { remainingFindings } from './denylist.ts';
import { unitName } from './guest-files.ts';
import { type BootRules, bootProblems, timesOfBoot } from './judgement.ts';

export interface Observer {
  /** What comes from now on belongs to the test; what came before was judged with the boot. */
  begin(): Promise<void>;
  /** Judges what the present boot has said since the last call, and its units. */
  look(): Promise<void>;
  /** Judges a boot that the test brought about, and what the boot before it still had to say. @param soft a soft reboot */
  judgeReboot(verdict: GuestVerdict, bootIdBefore: string, soft: boolean): Promise<void>;
  /** Everything that is wrong so far, a sentence each. */
  problems(): readonly string[];
}

type ObservedMachine = Pick<Machine, 'run' | 'console' | 'currentBoot'>;

/** @param journalFile receives the journal from the start of the test */
export function observeMachine(machine: ObservedMachine, rules: BootRules, journalFile: string): Observer {
  const problems: string[] = [];
  let cursor = '';
  const consoleLines: string[] = [];
  machine.console.onLine(({ text }) => consoleLines.push(text));

  const nextConsoleLines = (): string[] => consoleLines.splice(0);
  const judge = (lines: readonly string[]): void => {
    const findings = remainingFindings(rules.denylist, checkLines(lines));
    problems.push(...findings.map(({ code, line }) => `${code}: ${line.trim()}`));
  };
  /** @param matches fields that the entries must have (journalctl(1)) */
  const nextJournalLines = async (...matches: string[]): Promise<string[]> => {
    const read = await readJournal(machine, [`--after-cursor=${cursor}`, ...matches]);
    cursor = read.cursor ?? cursor;
    await appendFile(journalFile, read.text);
    return read.text.split('\n');
  };

  return {
    begin: async () => {
      await writeFile(journalFile, '');
      cursor = (await readJournal(machine, ['--lines=1'])).cursor ?? '';
      nextConsoleLines();
    },
    look: async () => {
      const [journal, units] = await Promise.all([
        nextJournalLines(),
        machine.run(['systemctl', 'list-units', '--failed', '--plain', '--no-legend']),
      ]);
      const failed = units.stdout.split('\n').flatMap((line) => line.split(' ')[0] || []);
      problems.push(...failed.filter((unit) => unit !== unitName).map((unit) => `${unit} failed`));
      judge([...nextConsoleLines(), ...journal]);
    },
    judgeReboot: async (verdict, bootIdBefore, soft) => {
      const boot = { verdict, times: timesOfBoot(machine as Machine, verdict), consoleLines: nextConsoleLines() };
      if (soft) {
        // The journal goes on in the same boot, and firmware and kernel took no time.
        problems.push(...bootProblems({ ...boot, times: null, verdict: { ...verdict, journal: [] } }, rules));
        return;
      }
      // Only a journal on disk still has the end of the boot before.
      judge(await nextJournalLines(`_BOOT_ID=${bootIdBefore.replaceAll('-', '')}`));
      await appendFile(journalFile, formatJournal(verdict.journal));
      problems.push(...bootProblems(boot, rules));
      cursor = (await readJournal(machine, ['--lines=1'])).cursor ?? cursor;
    },
    problems: () => problems,
  };
}

const cursorLine = /^-- cursor: (.*)\n?/m;

/** @returns the entries as text, and the cursor of the last one; null when there is none */
async function readJournal(
  machine: ObservedMachine,
  selection: readonly string[],
): Promise<{ text: string; cursor: string | null }> {
  const argv = ['journalctl', '--no-pager', '--quiet', '--output=short-monotonic', '--show-cursor', ...selection];
  const { stdout } = await machine.run(argv);
  return { text: stdout.replace(cursorLine, ''), cursor: cursorLine.exec(stdout)?.[1] ?? null };
}
