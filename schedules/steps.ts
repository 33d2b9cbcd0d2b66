/** The staircase of Goyal et al. 2017: 1, multiplied by `factor` at each milestone (in epochs, rising). */
export function steps(milestones: readonly number[], factor: number): (epoch: number) => number {
  return (epoch) => factor ** milestones.filter((milestone) => epoch >= milestone).length;
}
