import type { Reporter, TestCase } from 'vitest/node';

/** Names, at the end of a test run, what passed only when it was tried again: it hides a fault, or waits for seconds. */
export default class SecondTries implements Reporter {
  private readonly names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.ok() && (test.diagnostic()?.retryCount ?? 0) > 0)
      this.names.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd(): void {
    console.log(
      `\n${this.names.length} passed only when tried again${this.names.map((name) => `\n  ${name}`).join('')}`,
    );
  }
}
