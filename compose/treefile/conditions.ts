// Conditions of `conditional-include`: `variable operator value`, with rpm-ostree's grammar to the letter.

import type { VariableValue } from './types/treefile-values.ts';

export interface Condition {
  readonly variable: string;
  readonly operator: Operator;
  readonly value: VariableValue;
}

type Operator = (typeof operators)[number];

const operators = ['==', '!=', '>', '>=', '<', '<='] as const;
const grammar = /^\s*(?<variable>[A-Za-z0-9_]+)\s*(?<operator>\S+)\s*(?<value>true|false|[0-9]+|"(?<text>.*)")\s*$/;

export interface ConditionError {
  readonly error: string;
  readonly hint?: string;
}

/** Reads a condition. The operator takes all it can get, so `a>=38` without a space has the operator `>=3`. */
export function parseCondition(written: string): Condition | ConditionError {
  const groups = grammar.exec(written)?.groups;
  if (groups === undefined) {
    return {
      error: `the condition ${JSON.stringify(written)} cannot be read`,
      hint: 'write: variable operator value, where the value is true, false, a number or a text in double quotes',
    };
  }
  const variable = groups.variable!;
  const operator = operators.find((candidate) => candidate === groups.operator);
  if (operator === undefined) {
    const glued = /^(==|!=|>=?|<=?)([0-9]+)$/.exec(groups.operator!);
    const number = `${glued?.[2]}${groups.value}`;
    return {
      error: `expected one of ==, !=, >, >=, <, <= but got ${groups.operator}`,
      ...(glued === null ? {} : { hint: `put spaces around the operator: ${variable} ${glued[1]} ${number}` }),
    };
  }
  const text = groups.value!;
  if (text === 'true' || text === 'false') return { variable, operator, value: text === 'true' };
  if (groups.text !== undefined) return { variable, operator, value: groups.text };
  const value = Number(text);
  if (!Number.isSafeInteger(value)) return { error: `the number ${text} is larger than ${Number.MAX_SAFE_INTEGER}` };
  return { variable, operator, value };
}

/** Whether a condition holds for the variables known at its place. */
export function evaluateCondition(
  { variable, operator, value }: Condition,
  variables: ReadonlyMap<string, VariableValue>,
): boolean | ConditionError {
  const actual = variables.get(variable);
  if (actual === undefined) return { error: `undefined variable '${variable}'` };
  if (typeof actual !== typeof value) {
    return {
      error: `${variable} is not same type as ${JSON.stringify(value)}`,
      hint: `it is the ${typeof actual} ${JSON.stringify(actual)}`,
    };
  }
  if (operator === '==') return actual === value;
  if (operator === '!=') return actual !== value;
  if (typeof actual !== 'number' || typeof value !== 'number') {
    return {
      error: `invalid op ${operator} for values ${JSON.stringify(actual)} and ${JSON.stringify(value)}`,
      hint: 'only numbers have an order',
    };
  }
  switch (operator) {
    case '>':
      return actual > value;
    case '>=':
      return actual >= value;
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
  }
}
