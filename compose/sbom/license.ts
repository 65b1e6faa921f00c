// Tells licence texts of packages that are SPDX expressions from those that are not: bills of materials must not claim one for the other.

/** Identifiers of https://spdx.org/licenses/ that distributions use most; what is not here is quoted as text instead, which is never wrong. */
const identifiers = new Set(
  `0BSD AFL-2.0 AFL-2.1 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-2.0 BSD-1-Clause
  BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-LBNL BSD-4-Clause BSD-4-Clause-UC BSD-Source-Code BSL-1.0 bzip2-1.0.6
  CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 curl ECL-2.0 EPL-1.0 EPL-2.0 FSFAP FSFUL FSFULLR FSFULLRWD FTL
  GFDL-1.1-or-later GFDL-1.2-or-later GFDL-1.3-only GFDL-1.3-or-later GPL-1.0-only GPL-1.0-or-later GPL-2.0-only GPL-2.0-or-later
  GPL-3.0-only GPL-3.0-or-later HPND HPND-sell-variant ICU IJG ISC LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later
  LGPL-3.0-only LGPL-3.0-or-later Libpng libtiff MIT MIT-0 MIT-CMU MPL-1.1 MPL-2.0 MS-PL NCSA NTP OFL-1.1 OLDAP-2.8 OpenSSL PostgreSQL
  PSF-2.0 Python-2.0 Ruby Sleepycat SMLNJ SSH-OpenSSH TCL Unicode-3.0 Unicode-DFS-2015 Unicode-DFS-2016 Unlicense UPL-1.0 Vim W3C
  X11 X11-distribute-modifications-variant Zlib ZPL-2.1`.split(/\s+/),
);
const exceptions = new Set(
  `Autoconf-exception-2.0 Autoconf-exception-3.0 Bison-exception-2.2 Classpath-exception-2.0 GCC-exception-2.0 GCC-exception-3.1
  GPL-CC-1.0 Libtool-exception Linux-syscall-note LLVM-exception OpenSSL-exception x11vnc-openssl-exception`.split(
    /\s+/,
  ),
);

/** More than any package has. The grammar is read by recursion, which a crafted text could take to the end of the stack. */
const parenthesesLimit = 500;

/** Whether the text is an expression by the grammar of SPDX 2.3, annex D, over identifiers that are known here. */
export function isSpdxExpression(text: string): boolean {
  const words = text.match(/[()]|[^\s()]+/g) ?? [];
  if (words.filter((word) => word === '(').length > parenthesesLimit) return false;
  let at = 0;
  const simple = (): boolean => {
    if (words[at] === '(') {
      at++;
      return either() && words[at++] === ')';
    }
    if (!identifiers.has((words[at++] ?? '').replace(/\+$/, ''))) return false;
    if (words[at] !== 'WITH') return true;
    at++;
    return exceptions.has(words[at++] ?? '');
  };
  const either = (): boolean => {
    if (!simple()) return false;
    while (words[at] === 'AND' || words[at] === 'OR') {
      at++;
      if (!simple()) return false;
    }
    return true;
  };
  return either() && at === words.length;
}
