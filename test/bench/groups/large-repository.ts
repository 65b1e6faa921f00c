// RPM metadata of tens of thousands of packages, made from Debian's whole package index: names, versions and dependencies are real, ten
// files of each package are not.

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cacheDirectory } from '../../../lib/cache.ts';
import type { WorkerTools } from '../../../lib/namespace.ts';
import type { RpmDependency } from '../../../lib/rpm/spec.ts';
import { aptOptions, makeAptFolders, runApt } from '../../distro/archive/apt.ts';
import { parseStanzas } from '../../distro/archive/control.ts';
import {
  conflictsFromDebian,
  dependenciesFromDebian,
  evrFromDebian,
  obsoletesFromDebian,
  virtualNames,
} from '../../distro/convert/dependencies.ts';

type Stanza = ReadonlyMap<string, string>;

/** Writes `repodata` of the suite that the sample distribution was made from. Returns how many packages it has. */
export async function writeLargeRepository(folder: string, tools: WorkerTools): Promise<number> {
  const stanzas = await readIndex(tools);
  const virtual = virtualNames(
    stanzas.map((fields) => ({ name: fields.get('Package')!, provides: fields.get('Provides') ?? '' })),
  );
  const repodata = join(folder, 'repodata');
  await mkdir(repodata, { recursive: true });
  const primary = stanzas.map((fields) => primaryEntry(fields, virtual)).join('');
  const filelists = stanzas.map(filelistEntry).join('');
  const documents = [
    await writeCompressed(repodata, 'primary', metadata('metadata', 'common', stanzas.length, primary)),
    await writeCompressed(repodata, 'filelists', metadata('filelists', 'filelists', stanzas.length, filelists)),
  ];
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n<repomd xmlns="http://linux.duke.edu/metadata/repo">\n';
  await writeFile(join(repodata, 'repomd.xml'), `${head}${documents.join('')}</repomd>\n`);
  return stanzas.length;
}

async function readIndex(tools: WorkerTools): Promise<Stanza[]> {
  const folders = await makeAptFolders(join(cacheDirectory(), 'sample-distribution/trixie/apt'));
  const options = aptOptions(folders);
  const format = ['--format', '$(FILENAME)', 'Created-By: Packages'];
  const files = (await runApt(['apt-get', ...options, 'indextargets', ...format], tools)).trim().split('\n');
  const texts = await Promise.all(
    files.map((file) => runApt(['/usr/lib/apt/apt-helper', ...options, 'cat-file', file], tools)),
  );
  const seen = new Set<string>();
  return texts.flatMap(parseStanzas).filter((fields) => {
    const key = `${fields.get('Package')} ${fields.get('Version')}`;
    return !seen.has(key) && seen.add(key);
  });
}

function primaryEntry(fields: Stanza, virtual: ReadonlySet<string>): string {
  const name = fields.get('Package')!;
  const version = evrFromDebian(fields.get('Version')!);
  const arch = archOf(fields);
  const provides = dependenciesFromDebian(fields.get('Provides'));
  const own: RpmDependency = { name, comparison: '=', version: fields.get('Version')! };
  const relations = { conflicts: fields.get('Conflicts') ?? '', breaks: fields.get('Breaks') ?? '' };
  const conflicts = conflictsFromDebian(name, relations, virtual);
  const requires = [
    ...dependenciesFromDebian(fields.get('Pre-Depends')),
    ...dependenciesFromDebian(fields.get('Depends')),
  ];
  const lists = {
    provides: [own, ...provides],
    requires,
    conflicts,
    obsoletes: obsoletesFromDebian(conflicts, fields.get('Replaces'), provides),
    recommends: dependenciesFromDebian(fields.get('Recommends')),
  };
  const size = Number(fields.get('Installed-Size') ?? 0) * 1024;
  return `<package type="rpm"><name>${xml(name)}</name><arch>${arch}</arch>${versionElement(version)}<checksum type="sha256" pkgid="YES">${fields.get('SHA256')}</checksum>
<summary>${xml(fields.get('Description') ?? name)}</summary><description/><packager>${xml(fields.get('Maintainer') ?? '')}</packager><url/>
<time file="1700000000" build="1700000000"/><size package="${fields.get('Size')}" installed="${size}" archive="${size}"/><location href="${xml(locationOf(name, version, arch))}"/>
<format><rpm:license>various</rpm:license><rpm:vendor/><rpm:group/><rpm:buildhost/><rpm:sourcerpm/><rpm:header-range start="4504" end="9000"/>
${Object.entries(lists)
  .filter(([, list]) => list.length > 0)
  .map(([kind, list]) => `<rpm:${kind}>${list.map(dependencyElement).join('')}</rpm:${kind}>`)
  .join('\n')}
${filesOf(name)
  .filter((path) => path.startsWith('/usr/bin/'))
  .map(fileElement)
  .join('')}</format></package>\n`;
}

function filelistEntry(fields: Stanza): string {
  const name = fields.get('Package')!;
  const attributes = `pkgid="${fields.get('SHA256')}" name="${xml(name)}" arch="${archOf(fields)}"`;
  const files = filesOf(name).map(fileElement).join('');
  return `<package ${attributes}>${versionElement(evrFromDebian(fields.get('Version')!))}${files}</package>\n`;
}

/** What other packages ask for by path must be there; the rest is only there to be many. */
function filesOf(name: string): string[] {
  const shells: Readonly<Record<string, readonly string[]>> = { dash: ['/bin/sh', '/usr/bin/sh'], bash: ['/bin/bash'] };
  const data = Array.from({ length: 7 }, (_, index) => `/usr/share/${name}/data/file${index}.dat`);
  return [...(shells[name] ?? []), `/usr/bin/${name}`, `/usr/share/doc/${name}/copyright`, ...data];
}

/** As rpmbuild names files and distributions sort them. */
function locationOf(name: string, { version, release }: { version: string; release: string }, arch: string): string {
  return `Packages/${name[0]}/${name}-${version}-${release}.${arch}.rpm`;
}

function archOf(fields: Stanza): string {
  return fields.get('Architecture') === 'all' ? 'noarch' : 'x86_64';
}

const flags: Readonly<Record<string, string>> = { '<': 'LT', '<=': 'LE', '=': 'EQ', '>=': 'GE', '>': 'GT' };

function dependencyElement({ name, comparison, version }: RpmDependency): string {
  if (comparison === undefined || version === undefined) return `<rpm:entry name="${xml(name)}"/>`;
  const { epoch, version: ver, release } = evrFromDebian(version);
  return `<rpm:entry name="${xml(name)}" flags="${flags[comparison]}" epoch="${epoch}" ver="${xml(ver)}" rel="${xml(release)}"/>`;
}

function versionElement({ epoch, version, release }: ReturnType<typeof evrFromDebian>): string {
  return `<version epoch="${epoch}" ver="${xml(version)}" rel="${xml(release)}"/>`;
}

function fileElement(path: string): string {
  return `<file>${xml(path)}</file>`;
}

function metadata(element: string, namespace: string, count: number, body: string): string {
  const spaces = `xmlns="http://linux.duke.edu/metadata/${namespace}" xmlns:rpm="http://linux.duke.edu/metadata/rpm"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${element} ${spaces} packages="${count}">\n${body}</${element}>\n`;
}

async function writeCompressed(repodata: string, type: string, text: string): Promise<string> {
  const compressed = gzipSync(text);
  const file = `${type}.xml.gz`;
  await writeFile(join(repodata, file), compressed);
  const digest = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
  return `<data type="${type}"><checksum type="sha256">${digest(compressed)}</checksum><open-checksum type="sha256">${digest(text)}</open-checksum><location href="repodata/${file}"/><timestamp>1700000000</timestamp><size>${(await readFile(join(repodata, file))).length}</size><open-size>${Buffer.byteLength(text)}</open-size></data>\n`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
