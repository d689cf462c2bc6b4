test('mutation: without what recognises and hides secrets, the refusal of a prop repeats it', () => {
  const token = 'ghp_0123456789abcdefghijklmnopqrstuvwxyzAB';
  const refusal = (): string => {
    let message = '';
    jest.isolateModules(() => {
      const { refuse } = require('../../model/props/problem') as typeof import('../../model/props/problem');
      const { machineFaults } = require('../../model/props/machines') as typeof import('../../model/props/machines');
      try {
        refuse('app/machine', machineFaults({ node: `${token}/`, memoryMiB: token }));
      } catch (error) {
        message = (error as Error).message;
      }
    });
    return message;
  };
  expect(refusal()).toContain('app/machine');
  expect(refusal()).not.toContain(token.slice(4, 20));
  const asItIs = (value: unknown): string => String(value);
  jest.doMock('../../config/shown', () => ({
    ...jest.requireActual('../../config/shown'),
    mayBeShown: () => true,
    showValue: asItIs,
    withoutTokens: asItIs,
  }));
  jest.doMock('../../config/secret-shapes', () => ({ ...jest.requireActual('../../config/secret-shapes'), withoutRefusedShapes: asItIs }));
  jest.doMock('../../model/secret-shapes', () => ({ ...jest.requireActual('../../model/secret-shapes'), secretsIn: () => [] }));
  try {
    expect(refusal()).toContain(token.slice(4, 20));
  } finally {
    for (const file of ['config/shown', 'config/secret-shapes', 'model/secret-shapes']) jest.dontMock(`../../${file}`);
  }
});
