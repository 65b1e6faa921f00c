// Which files of a tree have a say in its initramfs. dracut runs scripts that look for whatever they like, so all files count, also by
// their absence; but for folders of which it reads nothing. test/hosts/initramfs.test.ts watches it at work and compares.

import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { entryInTree, inTree } from '../../lib/in-tree.ts';

/** Documentation, translations, caches, and what changes with every compose because it describes the compose. */
const uncountedFolders = [
  ...['doc', 'info', 'licenses', 'locale', 'man', 'slipway'].map((name) => `usr/share/${name}`),
  ...['var/cache', 'var/log'],
];

/** The C library looks for it whenever a program sets its locale (locale.alias(5)). */
const localeAliases = 'usr/share/locale/locale.alias';

/** Matches paths relative to the root, without leading slash. */
export type InputFilter = (path: string) => boolean;

/**
 * Files count everywhere but in the folders above; there, too, when an argument, the configuration or a module of dracut speaks of
 * such a folder, or of one that holds it. A symbolic link into such a folder makes nothing count.
 * @param root the tree as dracut sees it
 * @param words arguments of the treefile
 */
export function initramfsInputs(root: string, words: readonly string[]): InputFilter {
  const configuration = [
    ...textsOf(root, 'etc', /^dracut\.conf$/),
    ...['etc/dracut.conf.d', 'usr/lib/dracut/dracut.conf.d'].flatMap((folder) => textsOf(root, folder, /\.conf$/)),
  ];
  const modules = namesIn(inTree(root, 'usr/lib/dracut/modules.d')).flatMap((name) =>
    textsOf(root, `usr/lib/dracut/modules.d/${name}`, /^module-setup\.sh$/),
  );
  // In a configuration file a slash alone says where things go in the image: `prefix="/"` is Fedora's.
  const reached = [...words.flatMap(pathsIn), ...configuration.flatMap(pathsIn).filter((path) => path !== '/')];
  const isNamed = (folder: string): boolean =>
    reached.some((path) => reaches(path, `/${folder}`)) || modules.some((text) => text.includes(`/${folder}`));
  const uncounted = words.some((word) => otherConfiguration.test(word))
    ? []
    : uncountedFolders.filter((folder) => !isNamed(folder));
  return (path) =>
    path === localeAliases || !uncounted.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** Arguments that make dracut read other configuration than we do. */
const otherConfiguration = /^(?:-c|--(?:add-)?conf(?:dir)?)(?:=|$)/;

/**
 * Absolute paths in an argument or a line of shell. Of one with a wildcard or a variable the folders before it are given, so that it stands
 * for whatever it could name.
 */
function pathsIn(text: string): string[] {
  return text
    .replaceAll(/^\s*#.*$/gm, '')
    .split(/[\s"'=,;:(){}<>|&]+/)
    .filter((word) => word.includes('/'))
    .map((word) => {
      const literal = /^[^*?[$`\\]*/.exec(word)?.[0] ?? '';
      return posix.resolve('/', literal === word ? word : literal.slice(0, literal.lastIndexOf('/') + 1));
    });
}

/** Whether what lies at `path` holds the folder, or lies in it. */
function reaches(path: string, folder: string): boolean {
  const above = path.endsWith('/') ? path : `${path}/`;
  return `${folder}/`.startsWith(above) || path.startsWith(`${folder}/`);
}

function textsOf(root: string, folder: string, name: RegExp): string[] {
  return namesIn(inTree(root, folder))
    .filter((each) => name.test(each))
    .map((each) => entryInTree(root, `${folder}/${each}`))
    .map((path) => (lstatSync(path).isFile() ? readFileSync(path, 'utf8') : anything));
}

/** What a link says is not known, because it would have to be followed inside the tree: it may name each of the folders. */
const anything = uncountedFolders.map((folder) => `/${folder}`).join(' ');

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
