import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { DiagnosticsError } from '../../lib/diagnostics.ts';
import { miniDistribution } from './mini-distribution.ts';

const inQuotes = `a request with spaces is put in single quotes: "'(a or b)'"`;

test('a compose names every package that no repository has, with its line and what there is instead', async (t) => {
  const mini = await miniDistribution(t, [{ name: 'webserver' }, { name: 'database' }, { name: 'shell' }]);
  const file = join(mini.folder, 'host.yaml');
  await writeFile(join(mini.folder, 'more.yaml'), 'packages: [databse]\n');
  const lines = [
    'ref: a/b',
    'include: more.yaml',
    'repos: [mini]',
    'packages:',
    '  - base websrver shell-99',
    '  - (base or',
    'exclude-packages: [database]',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const error = await t.throwsAsync(mini.compose({ treefileFile: file }), { instanceOf: DiagnosticsError });
  t.deepEqual(
    error?.diagnostics.map(({ code, message, position, hint }) => [
      ...[code, message, `${position?.file.slice(mini.folder.length)}:${position?.line}:${position?.column}`, hint],
    ]),
    [
      ['package-not-found', 'no repository has a package websrver', '/host.yaml:5:10', 'did you mean webserver?'],
      ['package-not-found', 'no repository has a package shell-99', '/host.yaml:5:19', 'there is shell-1-1.noarch'],
      ['request-syntax', '"(base" is no rich dependency such as (a or b)', '/host.yaml:6:5', inQuotes],
      [
        'package-not-found',
        'no repository has a package or',
        '/host.yaml:6:11',
        'correct the name, or add the repository that has it',
      ],
      ['package-not-found', 'no repository has a package databse', '/more.yaml:1:12', 'did you mean database?'],
    ],
  );
});

test('a compose tells each warning about its files once, and no notes', async (t) => {
  const mini = await miniDistribution(t, [], { 'comment-x': 'a note', recomends: true });
  await appendFile(join(mini.folder, 'mini.repo'), 'prioriti=1\n');
  const { events } = await mini.compose();
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message.split('\n')[0]] : []));
  t.deepEqual(warnings, [
    'no such key "recomends"; unknown keys are ignored in JSON',
    'no such repository setting "prioriti"',
  ]);
});
