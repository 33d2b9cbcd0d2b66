/** What became of one tag. */
export interface ImportLine {
  /** `<parallelism-degree> 3` */
  tag: string;
  state: 'mapped' | 'adapted' | 'todo' | 'dropped';
  /** `workers: 3`, or what to do. */
  note: string;
}
