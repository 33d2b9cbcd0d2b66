import { expect, it } from 'vitest';
import { implementationIn, mpiImplementationOf } from '../../../src/launcher/mpi/implementation.ts';

it.each([
  ['mpirun (Open MPI) 4.1.4\n\nReport bugs to http://www.open-mpi.org/community/help/', 'openmpi'],
  ['mpirun (Open MPI) 5.0.3', 'openmpi'],
  ['prterun (PRRTE) 3.0.2', 'openmpi'],
  ['HYDRA build details:\n    Version: 4.0.2', 'mpich'],
  ['Intel(R) MPI Library for Linux* OS, Version 2021.9', 'mpich'],
  ['', null],
])('knows whose mpirun says "%s"', (version, implementation) => {
  expect(implementationIn(version)).toBe(implementation);
});

it('says null of an mpirun that is not there', () => {
  expect(mpiImplementationOf('no-such-mpirun')).toBeNull();
});
