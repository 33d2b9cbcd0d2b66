import { serveTasks } from '../serve-tasks.ts';
import { checkCase } from './check-case.ts';

serveTasks(checkCase);
