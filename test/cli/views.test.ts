import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import test from 'ava';
import { formatBytes, formatDuration } from '../../cli/format.ts';
import { formatRunning, LiveView } from '../../cli/views/live.ts';
import { plainLines } from '../../cli/views/plain.ts';
import { usesColor, viewKind } from '../../cli/views/view.ts';
import type { SlipwayEvent } from '../../lib/events.ts';

const story: readonly SlipwayEvent[] = [
  { type: 'step-start', id: 1, parent: null, title: 'Compose' },
  { type: 'step-start', id: 2, parent: 1, title: 'Import' },
  { type: 'command', command: 'ostree commit' },
  { type: 'progress', id: 2, done: 1, total: 2, unit: 'packages' },
  { type: 'step-end', id: 2, title: 'Import', outcome: 'done', durationMs: 1234, detail: '2 packages' },
  { type: 'warning', message: 'odd' },
  { type: 'info', message: 'by the way' },
  { type: 'debug', message: 'chatter' },
  { type: 'step-end', id: 1, title: 'Compose', outcome: 'reused', durationMs: 2000 },
  { type: 'step-end', id: 9, title: 'Stray', outcome: 'failed', durationMs: 1 },
];

function printed(options: { debug: boolean; steps: boolean }): string[] {
  const format = plainLines({ color: false, ...options });
  return story.map(format).filter((line) => line !== '');
}

test('the plain view prints one line when outer steps begin and one when any step ends', (t) => {
  t.deepEqual(printed({ debug: false, steps: true }), [
    'Compose …',
    '  ✓ Import (1.2 s): 2 packages',
    'warning: odd',
    'by the way',
    '= Compose (2.0 s): unchanged',
    '✗ Stray (1 ms)',
  ]);
});

test('the plain view prints only warnings when quiet, and programs and chatter at --debug', (t) => {
  t.deepEqual(printed({ debug: true, steps: false }), ['+ ostree commit', 'warning: odd', 'chatter']);
});

test('the plain view shows control characters of others instead of obeying them', (t) => {
  const format = plainLines({ color: false, debug: true, steps: true });
  const text = 'a\u001b[2Jb';
  for (const type of ['warning', 'info', 'debug'] as const) {
    t.regex(format({ type, message: text }), /a\\x1b\[2Jb$/, type);
  }
  const end = { type: 'step-end', id: 1, title: 'x', outcome: 'done', durationMs: 1, detail: text } as const;
  t.is(format(end), '✓ x (1 ms): a\\x1b[2Jb');
});

test('colours are only escape sequences around the same text', (t) => {
  const format = plainLines({ color: true, debug: true, steps: true });
  const colored = story.map(format).filter((line) => line !== '');
  t.true(colored.join('').includes('\u001b['));
  t.deepEqual(
    colored.map((line) => line.replaceAll(/\u001b\[\d+m/g, '')),
    printed({ debug: true, steps: true }),
  );
});

const kinds: readonly (readonly [Parameters<typeof viewKind>[0], boolean, string])[] = [
  [{ progress: 'auto', quiet: false }, true, 'live'],
  [{ progress: 'auto', quiet: false }, false, 'plain'],
  [{ progress: 'json', quiet: false }, true, 'json'],
  [{ progress: 'live', quiet: true }, true, 'none'],
];

for (const [options, isTerminal, kind] of kinds) {
  test(`the view for ${JSON.stringify(options)} ${isTerminal ? 'on' : 'off'} a terminal is ${kind}`, (t) => {
    t.is(viewKind(options, isTerminal), kind as ReturnType<typeof viewKind>);
  });
}

test('a running step shows its bar, its amounts and its time, cut to the width', (t) => {
  const progress = { type: 'progress', id: 1, done: 512, total: 1024, unit: 'bytes' } as const;
  const step = { title: 'Download', depth: 1, startedAt: 0, progress };
  t.is(formatRunning(step, 2500, 100), '  · Download  ██████████░░░░░░░░░░  512 B of 1.0 KiB  2.5 s');
  t.is(formatRunning(step, 2500, 12), '  · Downlo…');
  const counted = { ...step, depth: 0, progress: { ...progress, total: 0, unit: 'files' } as const };
  t.is(formatRunning(counted, 2500, 100), '· Download  512 files  2.5 s');
});

test('the live view leaves only final lines when it stops', (t) => {
  const screen = new PassThrough({ encoding: 'utf8' });
  const stream = Object.assign(screen, { columns: 80, rows: 24 }) as unknown as WriteStream;
  const view = new LiveView(stream, { color: false, debug: false });
  for (const event of story.slice(0, 6)) view.show(event);
  view.stop();
  const text = replay(String(screen.read()));
  t.is(text, '  ✓ Import (1.2 s): 2 packages\nwarning: odd\n');
});

// What a terminal shows after the two sequences that the view uses: up N lines, erase to the end.
function replay(output: string): string {
  let shown = '';
  for (const part of output.split(/(\u001b\[\d+A\u001b\[J)/)) {
    const up = /^\u001b\[(\d+)A/.exec(part);
    if (up === null) shown += part;
    else
      shown = shown
        .split('\n')
        .slice(0, -1 - Number(up[1]))
        .map((line) => `${line}\n`)
        .join('');
  }
  return shown;
}

const bytes: readonly (readonly [number, string])[] = [
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [200 * 1024 ** 2, '200 MiB'],
  [3 * 1024 ** 4, '3.0 TiB'],
];

for (const [value, text] of bytes) test(`formatBytes(${value}) is ${text}`, (t) => t.is(formatBytes(value), text));

const durations: readonly (readonly [number, string])[] = [
  [340.4, '340 ms'],
  [2449, '2.4 s'],
  [99_960, '1 min 40 s'],
  [185_000, '3 min 05 s'],
];

for (const [value, text] of durations) {
  test(`formatDuration(${value}) is ${text}`, (t) => t.is(formatDuration(value), text));
}

const colors: readonly (readonly [
  asked: boolean | undefined,
  isTerminal: boolean,
  noColor: string | undefined,
  expected: boolean,
])[] = [
  [undefined, true, undefined, true],
  [undefined, true, '', true],
  [undefined, true, '1', false],
  [undefined, false, undefined, false],
  [true, false, '1', true],
  [false, true, undefined, false],
];

for (const [asked, isTerminal, noColor, expected] of colors) {
  test(`usesColor() is ${expected} for ${asked} ${isTerminal ? 'on a terminal' : 'elsewhere'} with NO_COLOR=${noColor}`, (t) => {
    t.is(usesColor(asked, isTerminal, noColor === undefined ? {} : { NO_COLOR: noColor }), expected);
  });
}
