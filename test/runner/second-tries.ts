import type { Reporter, TestCase } from 'vitest/node';

/** Lists the tests that passed only on a retry when a test run ends: they hide a fault, or depend on timing. */
export default class SecondTries implements Reporter {
  private readonly names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.ok() && (test.diagnostic()?.retryCount ?? 0) > 0)
      this.names.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd(): void {
    console.log(
      `\n${this.names.length} passed only on a second try${this.names.map((name) => `\n  ${name}`).join('')}`,
    );
  }
}
