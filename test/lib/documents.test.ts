import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { canonicalJson, readDocument, sha256, stepId, writeDocument } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { temporaryFolder, tree } from '../support/temporary.ts';

const canonical: readonly (readonly [unknown, string])[] = [
  [null, 'null'],
  [{ b: 1, a: [true, 'x'] }, '{"a":[true,"x"],"b":1}'],
  [{ left: undefined, kept: null }, '{"kept":null}'],
  [[undefined, 1], '[null,1]'],
  [{ 'ü"': '\n' }, '{"ü\\"":"\\n"}'],
];

for (const [value, text] of canonical) {
  test(`canonicalJson() writes ${text}`, (t) => t.is(canonicalJson(value), text));
}

test('canonicalJson() does not depend on the order of members', (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      return canonicalJson(value) === canonicalJson(turned);
    }),
  );
  t.pass();
});

test('canonicalJson() gives what JSON.parse() reads back', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      t.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

for (const value of [Number.NaN, Number.POSITIVE_INFINITY, () => 1, 10n]) {
  test(`canonicalJson() refuses ${String(value)}`, (t) => {
    t.throws(() => canonicalJson({ value }), { instanceOf: TypeError, message: /cannot be written as JSON/ });
  });
}

test('sha256() gives lower-case hex of bytes and of UTF-8 text', (t) => {
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  t.is(sha256(''), empty);
  t.is(sha256('ä'), sha256(new Uint8Array([0xc3, 0xa4])));
});

test('stepId() changes with the name, the options and the inputs, and with nothing else', (t) => {
  const id = stepId('import', { a: 1, b: 2 }, ['x']);
  t.is(stepId('import', { b: 2, a: 1 }, ['x']), id);
  const others = [
    stepId('commit', { a: 1, b: 2 }, ['x']),
    stepId('import', { a: 1, b: 3 }, ['x']),
    stepId('import', { a: 1, b: 2 }, ['y']),
    stepId('import', { a: 1, b: 2 }),
  ];
  t.is(new Set([id, ...others]).size, 5);
});

interface Note {
  readonly kind: 'note';
  readonly version: 1;
  readonly text: string;
}

test('readDocument() gives back what writeDocument() wrote, as indented JSON with a final newline', async (t) => {
  const path = join(await temporaryFolder(t), 'deep/er/note.json');
  const note: Note = { kind: 'note', version: 1, text: 'hello' };
  await writeDocument(path, note);
  t.deepEqual(await readDocument<Note>(path, 'note', 1), note);
  t.is(await readFile(path, 'utf8'), '{\n  "kind": "note",\n  "version": 1,\n  "text": "hello"\n}\n');
});

const refused: readonly (readonly [content: string, code: string, message: RegExp])[] = [
  ['{"kind": "note", "version": 1', 'document-unreadable', /note\.json cannot be read: /],
  ['{"kind": "poem", "version": 1}', 'document-kind', /note\.json is not a note document$/],
  ['null', 'document-kind', /note\.json is not a note document$/],
  ['"note"', 'document-kind', /note\.json is not a note document$/],
  ['{"kind": "note", "version": 2}', 'document-version', /note\.json has version 2, this Slipway reads version 1$/],
];

for (const [content, code, message] of refused) {
  test(`readDocument() refuses ${content} as ${code}`, async (t) => {
    const folder = await tree(t, { 'note.json': content });
    const error = await t.throwsAsync(readDocument<Note>(join(folder, 'note.json'), 'note', 1), {
      instanceOf: UserError,
      message,
    });
    t.is((error as UserError).code, code);
  });
}

test('readDocument() names a file that does not exist', async (t) => {
  await t.throwsAsync(readDocument<Note>('/nowhere/note.json', 'note', 1), {
    message: /^\/nowhere\/note\.json cannot be read: /,
  });
});
