import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { functionName, keyFilterPrototype, loadLibsolv, prototypes } from '../../../../compose/resolve/solv/library.ts';

const headers = '/usr/include/solv';

/** Declarations of libsolv's headers without comments, one a line, by function name. */
function declaredFunctions(): Map<string, string> {
  if (!existsSync(headers)) {
    throw new Error(
      'the headers of libsolv are needed to check our prototypes: install the package libsolv-dev and libsolvext-dev (Debian) or libsolv-devel (Fedora)',
    );
  }
  const declarations = new Map<string, string>();
  for (const file of readdirSync(headers)) {
    const text = readFileSync(`${headers}/${file}`, 'utf8').replace(/\/\*[\s\S]*?\*\/|^#.*$/gm, '');
    for (const match of text.matchAll(/^\s*(?:extern\s+)?([\w\s*]+?\b(\w+)\s*\([^;{}]*?\))\s*;/gm)) {
      if (/^(return|static)\b/.test(match[1]!)) continue; // the bodies of inline functions
      declarations.set(match[2]!, match[1]!);
    }
  }
  return declarations;
}

/** The types of a prototype in one spelling: no parameter names, `struct s_X` as `X`, outputs as pointers. */
function typesOf(prototype: string): string {
  const [, result = '', parameters = ''] = /^([\s\S]*?)\w+\s*\(([\s\S]*)\)$/.exec(prototype.trim()) ?? [];
  const plain = (type: string): string =>
    type
      .replace(/_Out_|\bextern\b/g, '')
      .replace(/struct s_(\w+)/g, '$1')
      .replace(/\s*\*\s*/g, '* ')
      .replace(/\s+/g, ' ')
      .trim();
  const withoutName = (parameter: string): string => {
    const type = plain(parameter);
    const nameless = type.replace(/ \w+$/, '');
    // `Id` alone is a type; `Id id` is a type and a name; `const Pool*` has no name.
    return /[ *]/.test(type) && !/^(const|unsigned)$/.test(nameless) && !/^unsigned (int|long)$/.test(type)
      ? nameless
      : type;
  };
  return `${plain(result)}(${parameters.split(',').map(withoutName).join(', ')})`;
}

test("loadLibsolv()'s prototypes are those of the installed headers", (t) => {
  const declared = declaredFunctions();
  for (const prototype of [...prototypes['libsolv.so.1'], ...prototypes['libsolvext.so.1']]) {
    const name = functionName(prototype);
    const header = declared.get(name);
    t.truthy(header, `${name} is declared in no header`);
    // The headers write the type of this parameter in place.
    const written = prototype.replace('KeyFilter *keyfilter', keyFilterPrototype.replace('KeyFilter', '(*keyfilter)'));
    t.is(typesOf(written), typesOf(header ?? ''), name);
  }
});

test('typesOf() tells prototypes apart that differ in one type', (t) => {
  t.not(typesOf('int f(Pool *pool, Id id)'), typesOf('int f(Pool *pool, Id *id)'));
  t.not(typesOf('int f(Pool *pool)'), typesOf('Id f(Pool *pool)'));
  t.is(typesOf('int f(Pool *pool, Id)'), typesOf('int f(struct s_Pool *p, Id id)'));
});

test('loadLibsolv() finds every function and a version', (t) => {
  const { functions, version } = loadLibsolv();
  t.regex(version, /^0\.\d+\.\d+$/);
  for (const [name, value] of Object.entries(functions)) t.is(typeof value, 'function', name);
});
