import { chmod, lstat, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { slipway } from '../support/slipway.ts';
import { tree } from '../support/temporary.ts';

const files = {
  'host.yaml': '# the host\ninclude: base.yaml\nref: a/b\npackages:\n- vim\n',
  'base.yaml': 'ref: base\nunits: [sshd.service]\n',
  'bad.yaml': 'pakages: [vim]\n',
  'loop.yaml': 'include: loop.yaml\n',
};

test('treefile show prints the merged treefile as JSON and as YAML', async (t) => {
  const cwd = await tree(t, files);
  const json = await slipway(['treefile', 'show', 'host.yaml', '--arch', 'x86_64'], { cwd });
  t.is(json.exitCode, 0);
  t.is(json.stderr, '');
  t.deepEqual(JSON.parse(json.stdout), {
    basearch: 'x86_64',
    ref: 'a/b',
    packages: ['vim'],
    units: ['sshd.service'],
  });
  const yaml = await slipway(['treefile', 'show', 'host.yaml', '--arch', 'x86_64', '--yaml'], { cwd });
  t.is(yaml.stdout, 'basearch: x86_64\nref: a/b\npackages:\n  - vim\nunits:\n  - sshd.service\n');
});

test('compose tree --print-only prints the same and asks no repository', async (t) => {
  const cwd = await tree(t, files);
  const printed = await slipway(['compose', 'tree', 'host.yaml', '--print-only'], { cwd });
  t.deepEqual(printed, await slipway(['treefile', 'show', 'host.yaml'], { cwd }));
  t.deepEqual((await readdir(cwd)).sort(), Object.keys(files).sort());
  const compose = await slipway(['compose', 'tree', 'host.yaml'], { cwd });
  t.is(compose.exitCode, 2);
  t.regex(compose.stderr, /slipway compose tree needs --repo/);
});

test('a bad treefile ends with status 1 and the same problems as text and as JSON', async (t) => {
  const cwd = await tree(t, files);
  const text = await slipway(['treefile', 'show', 'bad.yaml'], { cwd });
  t.is(text.exitCode, 1);
  t.is(text.stdout, '');
  t.is(
    text.stderr,
    'error[unknown-key]: no such key "pakages"\n  --> bad.yaml:1:1\n1 | pakages: [vim]\n  | ^^^^^^^ did you mean "packages"?\n',
  );
  const json = await slipway(['treefile', 'show', 'bad.yaml', '--json'], { cwd });
  t.is(json.exitCode, 1);
  t.deepEqual(JSON.parse(json.stdout).error.diagnostics, [
    {
      severity: 'error',
      code: 'unknown-key',
      message: 'no such key "pakages"',
      position: { file: 'bad.yaml', line: 1, column: 1, endColumn: 8 },
      sourceLine: 'pakages: [vim]',
      hint: 'did you mean "packages"?',
    },
  ]);
});

test('treefile lint ends with status 1 for errors, and for warnings when it is strict', async (t) => {
  const cwd = await tree(t, { ...files, 'smelly.yaml': 'ref: a\npackages: [vim]\nunits: [sshd]\n' });
  const errors = await slipway(['treefile', 'lint', 'bad.yaml', 'loop.yaml'], { cwd });
  t.is(errors.exitCode, 1);
  t.regex(errors.stdout, /bad\.yaml:1:1[\s\S]*loop\.yaml -> loop\.yaml[\s\S]*\n2 errors, /);
  const warnings = await slipway(['treefile', 'lint', 'smelly.yaml'], { cwd });
  t.is(warnings.exitCode, 0);
  t.regex(warnings.stdout, /"sshd" is no unit name[\s\S]*did you mean "sshd\.service"\?[\s\S]*0 errors, 1 warning,/);
  const strict = await slipway(['treefile', 'lint', '--strict', '--json', 'smelly.yaml'], { cwd });
  t.is(strict.exitCode, 1);
  t.like(JSON.parse(strict.stdout), { kind: 'treefile-lint', ok: false, warnings: 1 });
});

test('a key of JSON that is nearly right is a warning, and one for people is not', async (t) => {
  const cwd = await tree(t, { 'host.json': '{"ref": "a",\n"comments": "for people",\n"pakages": ["vim"]}' });
  const shown = await slipway(['treefile', 'show', 'host.json'], { cwd });
  t.is(shown.exitCode, 0);
  t.regex(shown.stderr, /^warning: no such key "pakages"; unknown keys are ignored in JSON\n/);
  t.false(shown.stderr.includes('comments'), 'notes are for lint');
  const lint = await slipway(['treefile', 'lint', '--strict', 'host.json'], { cwd });
  t.is(lint.exitCode, 1);
  t.regex(lint.stdout, /note\[unknown-key\]: no such key "comments"/);
});

test('treefile fmt --check changes nothing and fails; fmt changes the file', async (t) => {
  const cwd = await tree(t, files);
  const check = await slipway(['treefile', 'fmt', '--check', 'host.yaml', 'base.yaml'], { cwd });
  t.is(check.exitCode, 1);
  t.is(check.stdout, 'host.yaml is not formatted\n');
  t.is(await readFile(join(cwd, 'host.yaml'), 'utf8'), files['host.yaml']);
  t.is((await slipway(['treefile', 'fmt', 'host.yaml'], { cwd })).exitCode, 0);
  t.is(
    await readFile(join(cwd, 'host.yaml'), 'utf8'),
    '# the host\ninclude: base.yaml\nref: a/b\npackages:\n  - vim\n',
  );
});

test('treefile fmt warns of a file that it cannot lay out, --check fails, and a file that cannot be read stops both', async (t) => {
  const cwd = await tree(t, { ...files, 'odd.yaml': '? |\n  ref\n: a\n', 'cut.json': '{' });
  const warned = await slipway(['treefile', 'fmt', 'odd.yaml'], { cwd });
  t.is(warned.exitCode, 0);
  t.regex(warned.stderr, /odd\.yaml is left as it is: it has YAML that cannot be laid out/);
  const check = await slipway(['treefile', 'fmt', '--check', 'odd.yaml', '--json'], { cwd });
  t.is(check.exitCode, 1);
  t.like(JSON.parse(check.stdout), { changed: [], left: [{ file: 'odd.yaml' }] });
  const cut = await slipway(['treefile', 'fmt', 'host.yaml', 'cut.json', 'gone.yaml'], { cwd });
  t.is(cut.exitCode, 1);
  t.regex(cut.stderr, /cut\.json:1:2[\s\S]*gone\.yaml does not exist/);
  t.is(await readFile(join(cwd, 'host.yaml'), 'utf8'), files['host.yaml'], 'nothing is written');
});

test('treefile fmt keeps the mode of a file and a link to it', async (t) => {
  const cwd = await tree(t, files);
  await chmod(join(cwd, 'host.yaml'), 0o600);
  await symlink('host.yaml', join(cwd, 'link.yaml'));
  t.is((await slipway(['treefile', 'fmt', 'link.yaml'], { cwd })).stdout, 'formatted link.yaml\n');
  t.true((await lstat(join(cwd, 'link.yaml'))).isSymbolicLink());
  t.is((await lstat(join(cwd, 'host.yaml'))).mode & 0o777, 0o600);
});

test('treefile explain, graph and diff answer about the same files', async (t) => {
  const cwd = await tree(t, files);
  const explain = await slipway(['treefile', 'explain', 'host.yaml', 'units'], { cwd });
  t.is(explain.stdout, 'units: sshd.service\n  written in base.yaml:2:9\n    included by host.yaml:2:10 (include)\n');
  const nobody = await slipway(['treefile', 'explain', 'host.yaml', 'selinux'], { cwd });
  t.is(nobody.stdout, 'nobody sets selinux; the default is true\n');
  const graph = await slipway(['treefile', 'graph', 'host.yaml'], { cwd });
  t.is(graph.stdout, 'host.yaml\n└── base.yaml\n');
  const diff = await slipway(['treefile', 'diff', 'base.yaml', 'host.yaml'], { cwd });
  t.is(diff.stdout, 'ref\n  - base\n  + a/b\npackages\n  + vim\n');
});

test('treefile graph draws a loop, says what is wrong on stderr and ends with status 1', async (t) => {
  const cwd = await tree(t, files);
  const text = await slipway(['treefile', 'graph', 'loop.yaml'], { cwd });
  t.is(text.exitCode, 1);
  t.is(text.stdout, 'loop.yaml\n└── loop.yaml (a loop: it led here)\n');
  t.regex(text.stderr, /^error\[include-loop\]: the includes go in a loop: loop\.yaml -> loop\.yaml\n/);
  const json = await slipway(['treefile', 'graph', 'loop.yaml', '--json'], { cwd });
  t.is(json.exitCode, 1);
  t.is(json.stderr, '');
  t.like(JSON.parse(json.stdout), {
    kind: 'treefile-graph',
    root: { file: 'loop.yaml', children: [{ state: 'loop' }] },
    diagnostics: [{ code: 'include-loop' }],
  });
  t.is((await slipway(['treefile', 'graph', 'gone.yaml'], { cwd })).stdout, '');
});

test('treefile schema prints JSON', async (t) => {
  const { stdout, exitCode } = await slipway(['treefile', 'schema']);
  t.is(exitCode, 0);
  t.is(JSON.parse(stdout).title, 'Treefile');
});
