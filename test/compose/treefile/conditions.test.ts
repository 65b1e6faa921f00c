import test from 'ava';
import { type Condition, evaluateCondition, parseCondition } from '../../../compose/treefile/conditions.ts';
import type { VariableValue } from '../../../compose/treefile/types/treefile-values.ts';

const variables = new Map<string, VariableValue>([
  ['a', 38],
  ['flag', true],
  ['name', 'fedora'],
  ['n35', '35'],
]);

function decide(written: string): string {
  const condition = parseCondition(written);
  const result = 'error' in condition ? condition : evaluateCondition(condition as Condition, variables);
  return typeof result === 'boolean' ? String(result) : [result.error, result.hint].filter(Boolean).join(' | ');
}

const table: readonly [condition: string, verdict: string][] = [
  ['a == 38', 'true'],
  ['a != 38', 'false'],
  ['a >= 38', 'true'],
  ['a > 38', 'false'],
  ['a < 39', 'true'],
  ['a <= 37', 'false'],
  ['  a  ==  38  ', 'true'],
  // The operator takes all that it can get but leaves the value one character.
  ['a>=8', 'true'],
  ['a>= 38', 'true'],
  ['name=="fedora"', 'true'],
  ['name == "fed"ora"', 'false'],
  ['flag==true', 'true'],
  ['flag == false', 'false'],
  ['name != "x"', 'true'],
  ['a>=38', 'expected one of ==, !=, >, >=, <, <= but got >=3 | put spaces around the operator: a >= 38'],
  ['a==38', 'expected one of ==, !=, >, >=, <, <= but got ==3 | put spaces around the operator: a == 38'],
  ['a = 38', 'expected one of ==, !=, >, >=, <, <= but got ='],
  ['a <> 38', 'expected one of ==, !=, >, >=, <, <= but got <>'],
  ['b == 1', "undefined variable 'b'"],
  ['a == "38"', 'a is not same type as "38" | it is the number 38'],
  ['n35 == 35', 'n35 is not same type as 35 | it is the string "35"'],
  ['flag > true', 'invalid op > for values true and true | only numbers have an order'],
  ['name >= "a"', 'invalid op >= for values "fedora" and "a" | only numbers have an order'],
  ['a == 99999999999999999999', `the number 99999999999999999999 is larger than ${Number.MAX_SAFE_INTEGER}`],
  [
    'a ==',
    'the condition "a ==" cannot be read | write: variable operator value, where the value is true, false, a number or a text in double quotes',
  ],
  ['a-b 1', 'expected one of ==, !=, >, >=, <, <= but got -b'],
  [
    "name == 'fedora'",
    'the condition "name == \'fedora\'" cannot be read | write: variable operator value, where the value is true, false, a number or a text in double quotes',
  ],
];
for (const [condition, verdict] of table) {
  test(`the condition ${JSON.stringify(condition)} gives: ${verdict}`, (t) => {
    t.is(decide(condition), verdict);
  });
}
