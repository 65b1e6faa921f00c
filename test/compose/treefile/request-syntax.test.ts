import test from 'ava';
import { requestProblem } from '../../../compose/treefile/request-syntax.ts';

for (const [request, problem] of [
  ['bash', null],
  ['bash >= 5', null],
  ['bash>=5', null],
  ['bash == 5.2-1', null],
  ['font(:lang=en)', null],
  ['libc.so.6(GLIBC_2.4)(64bit) >= 2', null],
  ['(a >> b or', null],
  ['/usr/share/a=b', null],
  ['>=', null],
  ['bash >> 5', '"bash >> 5" compares with >>, which is no comparison'],
  ['bash => 5', '"bash => 5" compares with =>, which is no comparison'],
  ['bash < > 5', '"bash < > 5" has more than one comparison'],
  ['bash >= 4 < 6', '"bash >= 4 < 6" has more than one comparison'],
  ['bash =', '"bash =" names no version behind ='],
  ['= 5', '"= 5" names no package before ='],
] as const) {
  test(`requestProblem() judges ${request}`, (t) => t.is(requestProblem(request), problem));
}
