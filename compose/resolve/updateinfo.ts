// updateinfo.xml, the advisories of a repository -> the security advisories that concern given packages. They are chosen, and their CVEs
// found, as rpm-ostree does (src/libpriv/rpmostree-rpm-util.cxx, rpmostree_advisories_variant(); libdnf's dnf_package_get_advisories(); libsolv's
// ext/repo_updateinfoxml.c), so that both write the same of the same repository.

import { type Advisory, type AdvisorySeverity, advisorySeverities, type CveReference } from '../../lib/advisories.ts';
import { compareVersions } from '../../lib/rpm/compare-versions.ts';
import { type LockedPackage, nevra } from './lock.ts';
import { childText, findAll, readChildren, type XmlElement } from './xml.ts';

type TreePackage = Pick<LockedPackage, 'name' | 'epoch' | 'version' | 'release' | 'arch'>;

/**
 * In the order of the text. Advisories of other kinds than `security`, and those without one of the packages in exactly its version, are
 * passed over.
 * @param chunks of the text
 * @throws SyntaxError that fits behind "the advisories cannot be read: "
 */
export async function readSecurityAdvisories(
  chunks: AsyncIterable<string>,
  packages: readonly TreePackage[],
): Promise<Advisory[]> {
  const byNameAndArch = Map.groupBy(packages, ({ name, arch }) => `${name}.${arch}`);
  const concerned = (update: XmlElement): string[] =>
    findAll(update, 'package').flatMap(({ attributes }) => {
      const candidates = byNameAndArch.get(`${attributes.name}.${attributes.arch}`) ?? [];
      return candidates.filter((candidate) => isVersion(attributes, candidate)).map(nevra);
    });
  const advisories: Advisory[] = [];
  for await (const update of readChildren(chunks, 'updates')) {
    const id = childText(update, 'id');
    if (update.name !== 'update' || update.attributes.type !== 'security' || id === undefined) continue;
    const found = [...new Set(concerned(update))];
    if (found.length === 0) continue;
    const severity = severityOf(childText(update, 'severity') ?? '');
    advisories.push({ id, severity, packages: found, cveReferences: cveReferencesOf(findAll(update, 'reference')) });
  }
  return advisories;
}

/** Without an epoch it is 0, as everywhere in rpm. */
function isVersion({ epoch = '', version = '', release = '' }: XmlElement['attributes'], of: TreePackage): boolean {
  return /^\d{0,10}$/.test(epoch) && compareVersions({ epoch: Number(epoch), version, release }, of) === 0;
}

function severityOf(text: string): AdvisorySeverity {
  return advisorySeverities.find((name) => name === text.toLowerCase()) ?? 'none';
}

/** Bug reports whose titles name CVEs that none before names, sorted by address: the oldest report says most. */
function cveReferencesOf(references: readonly XmlElement[]): CveReference[] {
  const known = new Set<string>();
  return references
    .flatMap(({ attributes: { type, href: url, title } }) =>
      type === 'bugzilla' && url !== undefined && title !== undefined ? [{ url, title }] : [],
    )
    .sort((a, b) => (a.url < b.url ? -1 : a.url > b.url ? 1 : 0))
    .filter(({ title }) => {
      const names = title.match(/\bCVE-[0-9]+-[0-9]+\b/g) ?? [];
      const isNews = names.some((name) => !known.has(name));
      for (const name of names) known.add(name);
      return isNews;
    });
}
