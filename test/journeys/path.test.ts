import { startStack } from '../harness/stack.ts';
import { walkPath } from './path.ts';

walkPath(() => startStack());
