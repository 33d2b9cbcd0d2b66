import { serveTasks } from '../workers/serve-tasks.ts';
import { checkCase } from './check-case.ts';

serveTasks(checkCase);
