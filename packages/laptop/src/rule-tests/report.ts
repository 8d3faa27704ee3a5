/** What test runs are told in: text for people, and forms that CI systems read. */
import { formatProblem } from '@bankinfo/mesh/rules'
import type { FileResult, TestResult } from './run.ts'

export type ReportFormat = 'text' | 'json' | 'junit' | 'tap'

export const reports: Readonly<Record<ReportFormat, (results: readonly FileResult[]) => string>> = { text, json, junit, tap }

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly badFiles: number
}

export function count (results: readonly FileResult[]): Counts {
  const tests = results.flatMap((result) => result.tests)
  const failed = tests.filter(({ failures }) => failures.length > 0).length
  return { passed: tests.length - failed, failed, badFiles: results.filter(({ problems }) => problems.length > 0).length }
}

function text (results: readonly FileResult[]): string {
  const { passed, failed, badFiles } = count(results)
  const parts = [`${passed} passed`, `${failed} failed`, ...(badFiles === 0 ? [] : [`${badFiles} ${badFiles === 1 ? 'file' : 'files'} could not be run`])]
  return [...results.flatMap(fileLines), '', parts.join(', ')].join('\n')
}

function fileLines ({ file, tests, problems }: FileResult): readonly string[] {
  return [file, ...problems.map((problem) => `Error ${formatProblem(problem)}`), ...tests.flatMap(testLines)]
}

function testLines (test: TestResult): readonly string[] {
  if (test.failures.length === 0) return [`  ✔ ${test.name}`]
  return [`  ✘ ${test.name}`, ...failureLines(test).map((line) => line === '' ? '' : `    ${line}`)]
}

function failureLines ({ file, failures, explanation }: TestResult): readonly string[] {
  return [
    ...failures.flatMap(({ line, column, path, expected, actual }) => [`${file}:${line}:${column} ${path}`, `  - expected: ${expected}`, `  + actual:   ${actual}`]),
    ...(explanation === undefined ? [] : ['', ...explanation.split('\n').map((line) => line === '' ? '' : `  ${line}`), ''])
  ]
}

function json (results: readonly FileResult[]): string {
  return JSON.stringify({ ...count(results), files: results }, undefined, 2)
}

/** https://testanything.org/tap-version-13-specification.html */
function tap (results: readonly FileResult[]): string {
  const lines = results.flatMap(({ file, tests, problems }) => [
    ...problems.map((problem) => ({ good: false, name: file, more: [formatProblem(problem)] })),
    ...tests.map((test) => ({ good: test.failures.length === 0, name: `${file}: ${test.name}`, more: test.failures.length === 0 ? [] : failureLines(test) }))
  ])
  return [
    'TAP version 13',
    `1..${lines.length}`,
    ...lines.flatMap(({ good, name, more }, index) => [
      `${good ? 'ok' : 'not ok'} ${index + 1} - ${name.replaceAll('#', '\\#')}`,
      ...more.flatMap((one) => one.split('\n')).map((line) => `# ${line}`.trimEnd())
    ])
  ].join('\n')
}

/** The form of Jenkins and of the rest that reads JUnit's reports: https://github.com/testmoapp/junitxml */
function junit (results: readonly FileResult[]): string {
  const { passed, failed, badFiles } = count(results)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="bankinfo test"${attributes({ tests: passed + failed + badFiles, failures: failed, errors: badFiles })}>`,
    ...results.flatMap(({ file, tests, problems }) => [
      `  <testsuite${attributes({ name: file, tests: problems.length > 0 ? 1 : tests.length, failures: tests.filter(({ failures }) => failures.length > 0).length, errors: problems.length > 0 ? 1 : 0, time: seconds(tests.reduce((sum, { milliseconds }) => sum + milliseconds, 0)) })}>`,
      ...(problems.length === 0 ? [] : testCase({ name: file, classname: file, file }, ['error', problems[0]?.message ?? '', problems.map(formatProblem).join('\n')])),
      ...tests.flatMap((test) => {
        const [first] = test.failures
        const what = { name: test.name, classname: file, file, line: test.line, time: seconds(test.milliseconds) }
        return testCase(what, first === undefined ? undefined : ['failure', `${first.path}: expected ${first.expected}, got ${first.actual}`, failureLines(test).join('\n')])
      }),
      '  </testsuite>'
    ]),
    '</testsuites>'
  ].join('\n')
}

function testCase (what: Readonly<Record<string, string | number>>, outcome?: readonly [tag: 'error' | 'failure', message: string, body: string]): readonly string[] {
  if (outcome === undefined) return [`    <testcase${attributes(what)}/>`]
  const [tag, message, body] = outcome
  return [`    <testcase${attributes(what)}>`, `      <${tag}${attributes({ message })}>${escaped(body)}</${tag}>`, '    </testcase>']
}

function attributes (values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values).map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`).join('')
}

function seconds (milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}

/** Control characters have no place in XML 1.0, not even escaped. */
function escaped (value: string): string {
  // eslint-disable-next-line no-control-regex
  return value.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd')
    .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
